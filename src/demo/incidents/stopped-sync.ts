import type {Incident} from './incident.ts';

/** The synchroniser was stopped, and nobody started it again. */
export const stoppedSync: Incident = {
  name: 'stopped-sync',
  does: 'the synchroniser is stopped: trades do not reach the analytics',
  endedBy: 'no key: a console starts no process; `tradetop sync` does',
  alerts: ['sync_stopped'],
  begin: async ({sync}) => {
    await sync.stop();
    return () => sync.start();
  },
};
