import type {Incident} from './incident.ts';

/** The desk's services are gone, as after a crash of their host. */
export const deadFeed: Incident = {
  name: 'dead-feed',
  does: 'the services of the desk end at once: no trades, no prices, no sessions',
  endedBy: 'no key: a console starts no process; there its service manager',
  alerts: ['silence_service', 'silence_channel'],
  begin: async ({feed}) => {
    await feed.stop('SIGKILL');
    return () => feed.start();
  },
};
