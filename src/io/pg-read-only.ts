import type pg from 'pg';
import {READ_ONLY} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {readStatement} from './sql.ts';

/** Why new transactions of a session take no writes, and what lets them. */
export type NoWrites = {readonly why: SafeText; readonly remedy: SafeText};

/**
 * Why this session's transactions take no writes: the server is in recovery, or a setting says so, which is named with the
 * statements that take it back. Undefined: they take them. Throws the driver's error.
 */
export async function whyNoWrites(client: pg.ClientBase, answerMs?: number): Promise<NoWrites | undefined> {
  const config = {text: readStatement('pg/read_only'), ...(answerMs === undefined ? {} : {query_timeout: answerMs})};
  const [row] = (await client.query(config as pg.QueryConfig)).rows;
  return row === undefined ? undefined : {why: sanitise(String(row.why)), remedy: sanitise(String(row.remedy), 500)};
}

/** The same as an error with PostgreSQL's own code for it, which counts as a server that is away for now. */
export const noWritesError = ({why, remedy}: NoWrites): Error =>
  Object.assign(new Error(why), {code: READ_ONLY, next: `${remedy[0]?.toUpperCase()}${remedy.slice(1)}`});
