import {holdSessions, type Incident} from './incident.ts';

/** A service opens connections until the server has none left for it. */
export const poolFull: Incident = {
  name: 'pool-full',
  does: 'the strategy service leaks connections until PostgreSQL has none left',
  endedBy: '`→` on the alert, then `K`, all that the filter shows: the operator gets in by reserved_connections',
  alerts: ['sessions_full'],
  begin: scene =>
    holdSessions(scene.as('svc_strategy_engine'), async open => {
      try {
        for (;;) await open('signal-worker');
      } catch (error) {
        // too_many_connections: that is what it is about.
        if ((error as {code?: string}).code !== '53300') throw error;
      }
    }),
};
