import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';

/** Asks by the name of a statement under sql/, inside the transaction that it is given to. */
export type Ask = (sql: string, params?: readonly unknown[]) => Promise<readonly Raw[]>;

/** Longest that we wait for one statement's answer, in milliseconds; the server's own limit comes before it. */
const ANSWER_MS = 12_000;

/** For what is answered at once or not at all: a path may be dead and look alive, and only we give it up. */
export const QUICK = {timeoutMs: 5000} as const;

/** For a sign of life and what goes with it, whose failure ends a repair: a database that is only slow answers within this. */
export const BEAT = {timeoutMs: 10_000} as const;

/**
 * Runs `use` in one READ COMMITTED transaction on one connection, and commits. Whatever it throws is thrown on after a
 * ROLLBACK; a connection that cannot roll back is thrown away. When the answer to COMMIT is lost nobody knows whether
 * it happened: callers must be able to do everything again, as the ledger lets them.
 */
export function inTransaction<T>(db: Pg, use: (ask: Ask) => Promise<T>, answerMs: number = ANSWER_MS): Promise<T> {
  return db.withClient(async client => {
    const send = (text: string, values: readonly unknown[] = []) =>
      client.query({text, values: [...values], query_timeout: answerMs} as pg.QueryConfig);
    const ask: Ask = async (sql, params = []) =>
      (await send(db.sql.statement(sql, db.pgVersion()), params)).rows as readonly Raw[];
    await send('BEGIN ISOLATION LEVEL READ COMMITTED');
    try {
      const result = await use(ask);
      await send('COMMIT');
      return result;
    } catch (error) {
      // Without an SQLSTATE the server did not speak: the connection is thrown away, and with it the transaction.
      if (failureOf(error).sqlstate === undefined) throw error;
      await send('ROLLBACK').catch(lost => {
        throw new Error(String(lost.message), {cause: error});
      });
      throw error;
    }
  });
}

/** Whatever can ask, and run several questions as one transaction: a pool, or the one connection of an action. */
export type Runner = {
  readonly query: Ask;
  readonly transaction: <T>(use: (ask: Ask) => Promise<T>) => Promise<T>;
};

export const runnerOf = (db: Pg, answerMs?: number): Runner => ({
  query: (sql, params) => db.query(sql, params, answerMs === undefined ? {} : {timeoutMs: answerMs}),
  transaction: use => inTransaction(db, use, answerMs),
});
