import type pg from 'pg';

/** Settings by name, as `set_config` takes them: the one list of what a pool's statements run with. */
export type SessionSettings = Readonly<Record<string, string>>;

type Limits = {
  /** Limits of statements, in milliseconds; 0: none. */
  readonly statementMs: number;
  readonly lockMs: number;
  /** See `PgTarget`. */
  readonly clockAheadS: number | undefined;
  /** Undefined: its statements do more than read. */
  readonly reads: Reading | undefined;
};

/**
 * How a pool reads what others wrote, so that nothing that they put in its way runs with this user's power: in both ways
 * from no view and no foreign table but the server's own, and as tradetop_monitor where the user may take that role on.
 */
export type Reading = 'as monitor' | 'as itself';

/**
 * The settings of a pool. Whatever a role or a database has set, our statements run with these. Names that a statement
 * does not qualify are PostgreSQL's own, so that nobody's function or operator comes before them. (Code of others that
 * ran all the same could take a superuser's power back by RESET ROLE: a superuser is for setup, not for watching.)
 */
export const sessionSettings = ({statementMs, lockMs, clockAheadS, reads}: Limits): SessionSettings => ({
  search_path: 'pg_catalog, pg_temp',
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  array_nulls: 'on',
  statement_timeout: `${statementMs}ms`,
  lock_timeout: `${lockMs}ms`,
  idle_in_transaction_session_timeout: '60s',
  ...(reads ? {restrict_nonsystem_relation_kind: 'view, foreign-table'} : {}),
  ...(reads === 'as monitor' ? {role: 'tradetop_monitor'} : {}),
  ...(clockAheadS === undefined ? {} : {'tradetop.clock_ahead': `${clockAheadS}s`}),
});

/** What a server says when the settings are made. */
export type SessionFacts = {
  /** PostgreSQL's major version. */
  readonly major: number;
  readonly inRecovery: boolean;
  /** New transactions are read-only by a setting. */
  readonly readOnly: boolean;
  /** A pooler is in between: nothing may be set beyond a transaction, and two of them may run in two processes. */
  readonly pooled: boolean;
};

/**
 * Makes the settings on a connection in one round trip: for the session, or behind a pooler for the transaction that is
 * open, so that nothing is left behind for the pooler's other clients. `text` is the statement pg/session. Throws the driver's error, after `answerMs`
 * milliseconds without an answer too.
 */
export async function makeSettings(
  client: pg.ClientBase,
  text: string,
  settings: SessionSettings,
  answerMs: number,
): Promise<SessionFacts> {
  const values = [Object.keys(settings), Object.values(settings), loginPid(client)];
  const config = {text, values, query_timeout: answerMs} as pg.QueryConfig;
  const {rows} = await client.query(config);
  const {version_num, in_recovery: inRecovery, read_only: readOnly, pooled} = rows[0];
  return {major: Math.floor(version_num / 10_000), inRecovery, readOnly, pooled};
}

/** The server process that the login named; a pooler names one of its own. */
export const loginPid = (client: pg.ClientBase): number =>
  (client as unknown as {readonly processID: number}).processID;

const pooled = new WeakMap<pg.ClientBase, () => Promise<void>>();

/** From now on `begin` runs at the beginning of each transaction on this connection, which leads through a pooler. */
export const setPooled = (client: pg.ClientBase, begin: () => Promise<void>): unknown => pooled.set(client, begin);

/** Whether a connection that `openPg` made leads through a pooler. */
export const isPooled = (client: pg.ClientBase): boolean => pooled.has(client);

/** Makes the settings of the transaction that has just begun, where its connection leads through a pooler. */
export const beginPooled = async (client: pg.ClientBase): Promise<void> => pooled.get(client)?.();
