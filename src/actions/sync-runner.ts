import type {SqlLibrary} from '../io/sql.ts';
import {type Transaction, withTransaction} from '../io/transaction.ts';
import type {Ask, Runner} from '../sync/session.ts';
import type {Session} from './session.ts';
import {sessionPool} from './session-pool.ts';

/** Runs the synchroniser's statements on an action's own connection, where they are recorded and can be cancelled. */
export function runnerOn(session: Session, sql: SqlLibrary, version: number): Runner {
  const pool = sessionPool(session);
  const asking =
    (query: Transaction['query']): Ask =>
    async (name, params = []) =>
      (await query(sql.statement(name, version), [...params])).rows;
  return {
    query: async (name, params) => asking((await pool.connect()).query)(name, params),
    transaction: use => withTransaction(pool, {attempts: 1, idempotent: true}, ({query}) => use(asking(query))),
  };
}
