import {readStatement} from '../../io/sql.ts';
import {beginStatement} from '../../io/transaction.ts';
import {holdSessions, type Incident} from './incident.ts';

const WAITERS = 12;

/** One session holds an account's positions in a transaction that it forgot; others wait for them, and one for another. */
export const lockPile: Incident = {
  name: 'lock-pile',
  does: 'a session updates the positions of an account and forgets to commit; others pile up behind it',
  endedBy: '`K` on the root, on any who waits too',
  alerts: ['blocked'],
  begin: scene =>
    holdSessions(scene.as('svc_execution'), async open => {
      const root = await open('position-repair');
      // Not of a snapshot: the desk changes the same positions, and a change since then would fail the statement.
      await root.query(beginStatement());
      await root.query(readStatement('demo/touch_positions'));
      const waiters = await Promise.all(Array.from({length: WAITERS}, () => open('position-writer')));
      for (const waiter of waiters) waiter.query(readStatement('demo/touch_positions')).catch(() => {});
    }),
};
