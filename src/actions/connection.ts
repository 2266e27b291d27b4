import type pg from 'pg';
import {backendOf, openPg, watchClient} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import {whyNoWrites} from '../io/pg-read-only.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {type PgTarget, pgName} from '../io/targets.ts';
import type {Action} from './action.ts';

/** The connection that an action works on: a backend of its own, without a statement timeout, known by pid and start. */
export type ActionConnection = {
  readonly ok: true;
  readonly client: pg.PoolClient;
  readonly pid: number;
  readonly backendStart: string;
  readonly database: string;
  /** The lock timeout, in milliseconds. */
  readonly lockMs: number;
  readonly close: () => Promise<void>;
};

export type ActionConnectionOptions = {
  /** The application name on the server. */
  readonly name: string;
  /** The lock timeout, in milliseconds. */
  readonly lockMs: number;
  readonly orphan: Action['orphan'];
};

/** Opens it. Where an action cannot use it, says why and what to do. */
export async function openActionConnection(
  target: PgTarget,
  sql: SqlLibrary,
  {name, lockMs, orphan}: ActionConnectionOptions,
): Promise<ActionConnection | {readonly ok: false; readonly why: string}> {
  const pool = openPg(target, sql, {name, max: 1, statementMs: 0, lockMs});
  let client: pg.PoolClient | undefined;
  const end = async (): Promise<void> => {
    client?.release(true);
    await pool.close();
  };
  const close = async (): Promise<void> => {
    // The backend ends a little after its connection: until then its lock would block the next run.
    const unlock = {text: sql.statement('actions/lock_release', 0), query_timeout: 1000};
    await client?.query(unlock).catch(() => {});
    await end();
  };
  // Nothing is locked yet, and behind a pooler the session's locks may be another client's.
  const no = async (why: string) => {
    await end();
    return {ok: false as const, why};
  };
  try {
    client = await pool.pool.connect();
    const {pid, backendStart, standby, database, pooled} = await backendOf(client, sql);
    if (standby) return await no(standbyWords(target));
    const readOnly = pooled ? undefined : await whyNoWrites(client);
    if (readOnly) return await no(`${pgName(target)} takes no writes: ${readOnly.why}. To let it: ${readOnly.remedy}`);
    if (pooled) {
      return await no(
        `${pgName(target)} is a pooler, which may change the connection during a run. Connect to PostgreSQL directly.`,
      );
    }
    await watchClient(client, sql, orphan === 'ends' ? '1s' : '0');
    return {ok: true, client, pid, backendStart, database, lockMs, close};
  } catch (error) {
    const {message, next} = unusable(target, error);
    return no(`${message} ${next}`.trim());
  }
}

/** Why nothing can be done on a standby. */
export const standbyWords = (target: PgTarget): string =>
  `${pgName(target)} is a standby, where nothing can be changed. Connect to the primary.`;
