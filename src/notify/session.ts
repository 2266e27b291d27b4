import type pg from 'pg';
import {UserError} from '../core/errors.ts';
import type {Pg} from '../io/pg.ts';
import {isPooled} from '../io/pg-session.ts';
import {pgName} from '../io/targets.ts';

/** The connection of the one notifier that is active: it holds the lock, and all its statements run on it. */
export type NotifySession = {
  readonly client: pg.PoolClient;
  readonly query: (statement: string, params?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;
  /** The connection is gone, and the lock with it. */
  readonly isLost: () => boolean;
  readonly close: () => void;
};

/** The name of the advisory lock of the notifiers of one database. */
export const NOTIFY_LOCK = 'tradetop notify';

const ANSWER_MS = 10_000;

/** Settings of the notifier's pool: a server that lost it sees so soon, and lets another notifier have the lock. */
export const NOTIFY_PG = {
  name: 'tradetop notify',
  max: 1,
  idleMs: 0,
  lockMs: 5000,
  statementMs: 9000,
  settings: {
    tcp_keepalives_idle: '10',
    tcp_keepalives_interval: '5',
    tcp_keepalives_count: '3',
    tcp_user_timeout: '25000',
  },
} as const;

/**
 * Connects and takes the lock, unless it only looks. Undefined: another notifier holds it. Rejects with the driver's error,
 * or with a UserError behind a pooler, which cannot keep a lock.
 */
export async function openNotifySession(pg: Pg, {looks = false} = {}): Promise<NotifySession | undefined> {
  const client = await pg.pool.connect();
  let [lost, released] = [false, false];
  client.once('end', () => {
    lost = true;
  });
  const session: NotifySession = {
    client,
    query: async (statement, params = []) => {
      const text = pg.sql.statement(statement, pg.pgVersion());
      const config = {text, values: [...params], query_timeout: ANSWER_MS} as pg.QueryConfig;
      return (await client.query(config)).rows;
    },
    isLost: () => lost,
    close: () => {
      lost = true;
      if (!released) client.release(true);
      released = true;
    },
  };
  try {
    if (looks) return session;
    if (isPooled(client)) {
      throw new UserError(
        `${pgName(pg.target)} is a pooler, which cannot keep the lock of a notifier.`,
        'Connect to PostgreSQL directly.',
      );
    }
    const [row] = await session.query('actions/lock_try', [NOTIFY_LOCK]);
    if (row?.locked === true) return session;
  } catch (error) {
    session.close();
    throw error;
  }
  session.close();
  return undefined;
}
