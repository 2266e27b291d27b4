import type pg from 'pg';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import {withTransaction} from '../io/transaction.ts';

/** Asks by the name of a statement under sql/, inside the transaction that it is given to. */
export type Ask = (sql: string, params?: readonly unknown[]) => Promise<readonly Raw[]>;

/** Longest that we wait for one statement's answer, in milliseconds; the server's own limit comes before it. */
const ANSWER_MS = 12_000;

/** For what is answered at once or not at all: a path may be dead and look alive, and only we give it up. */
export const QUICK = {timeoutMs: 5000} as const;

/** For a sign of life and what goes with it, whose failure ends a repair: a database that is only slow answers within this. */
export const BEAT = {timeoutMs: 10_000} as const;

/**
 * Runs `use` in one READ COMMITTED transaction, once. When the answer to COMMIT is lost nobody knows whether it happened:
 * callers must be able to do everything again, as the ledger lets them.
 */
export const inTransaction = <T>(db: Pg, use: (ask: Ask) => Promise<T>, answerMs: number = ANSWER_MS): Promise<T> =>
  withTransaction(db.pool, {attempts: 1, idempotent: true, answerMs}, ({client}) =>
    use(async (sql, params = []) => {
      const text = db.sql.statement(sql, db.pgVersion());
      const {rows} = await client.query({text, values: [...params], query_timeout: answerMs} as pg.QueryConfig);
      return rows as readonly Raw[];
    }),
  );

/** Whatever can ask, and run several questions as one transaction: a pool, or the one connection of an action. */
export type Runner = {
  readonly query: Ask;
  readonly transaction: <T>(use: (ask: Ask) => Promise<T>) => Promise<T>;
};

/** @internal */
export const runnerOf = (db: Pg, answerMs?: number): Runner => ({
  query: (sql, params) => db.query(sql, params, answerMs === undefined ? {} : {timeoutMs: answerMs}),
  transaction: use => inTransaction(db, use, answerMs),
});
