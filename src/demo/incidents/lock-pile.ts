import {openClient} from '../../io/pg-client.ts';
import {readStatement} from '../../io/sql.ts';
import {closeAll, type Incident} from './incident.ts';

const WAITERS = 12;

/** One session holds an account's positions in a transaction that it forgot; others wait for them, and one for another. */
export const lockPile: Incident = {
  name: 'lock-pile',
  does: 'a session updates the positions of an account and forgets to commit; others pile up behind it',
  endedBy: '`K` on the root, on any who waits too',
  alerts: ['blocked'],
  begin: async scene => {
    const target = scene.as('svc_execution');
    const root = await openClient(target, {name: 'position-repair'});
    await root.query(readStatement('demo/forgotten_transaction'));
    await root.query(readStatement('demo/touch_positions'));
    const waiters = await Promise.all(
      Array.from({length: WAITERS}, () => openClient(target, {name: 'position-writer'})),
    );
    for (const waiter of waiters) waiter.query(readStatement('demo/touch_positions')).catch(() => {});
    return () => closeAll([root, ...waiters]);
  },
};
