import {readStatement} from '../../io/sql.ts';
import {holdSessions, type Incident} from './incident.ts';

/** A session reads in a transaction and never ends it. */
export const idleTransaction: Incident = {
  name: 'idle-transaction',
  does: 'a report begins a transaction, reads, and never ends it',
  endedBy: '`K` on the session',
  alerts: ['idle_tx'],
  begin: scene =>
    holdSessions(scene.as('svc_analytics'), async open => {
      const session = await open('month-end-report');
      await session.query(readStatement('demo/forgotten_transaction'));
      await session.query(readStatement('demo/read_trades'));
    }),
};
