import {readStatement} from '../../io/sql.ts';
import {holdSessions, type Incident} from './incident.ts';

/** A statement that does not end. */
export const slowQuery: Incident = {
  name: 'slow-query',
  does: 'a statement of the analytics service runs on and on',
  endedBy: '`C` on the statement',
  alerts: ['long'],
  begin: scene =>
    holdSessions(scene.as('svc_analytics'), async open => {
      const session = await open('attribution-report');
      session.query(readStatement('demo/slow_report')).catch(() => {});
    }),
};
