import {readFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import pg from 'pg';
import pgpass from 'pgpass';
import {failureOf, READ_ONLY, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {loginPid} from './pg-session.ts';
import {readStatement} from './sql.ts';
import {inDatabase, type PgTarget, pgName} from './targets.ts';

/** The driver's settings for one connection, of a pool or alone. */
export function clientConfig(target: PgTarget, name: string): pg.ClientConfig {
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: async () => (await passwordOf(target)) ?? '',
    ssl: sslOf(target),
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** A notice of the server. `severity`: `WARNING`, `NOTICE`, … */
type PgNotice = {
  readonly severity: string | undefined;
  readonly message: string | undefined;
  readonly hint: string | undefined;
};

export type ClientOptions = {
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Limit of our connection attempt, in milliseconds. Default 10,000. */
  readonly connectMs?: number;
  /** Gets the server's notices, from the login on. */
  readonly onNotice?: (notice: PgNotice) => void;
};

/**
 * Opens one connection without a pool and without timeouts for statements. Names that these do not qualify are PostgreSQL's
 * own. Throws the driver's error.
 */
export async function openClient(target: PgTarget, options: ClientOptions): Promise<pg.Client> {
  const {name, connectMs = 10_000, onNotice = () => {}} = options;
  const client = new pg.Client({...clientConfig(target, name), connectionTimeoutMillis: connectMs});
  // Without a listener a backend that is killed ends this process.
  client.on('error', () => {});
  client.on('notice', onNotice);
  await client.connect();
  try {
    await client.query(readStatement('pg/search_path'), [loginPid(client)]);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** Runs `use` on a connection of its own and closes it. Throws the driver's error. */
export async function withConnection<T>(
  target: PgTarget,
  options: ClientOptions,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await openClient(target, options);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/**
 * The socket of a connection, which the driver does not export. Where it is destroyed nothing more is sent: `end` would say
 * goodbye first, and wait for the server if nothing runs.
 */
export const socketOf = (client: pg.ClientBase): Socket =>
  (client as unknown as {readonly connection: {readonly stream: Socket}}).connection.stream;

/**
 * A database of the target's server from which to create or rename others: `postgres`, else the target's own, else
 * `template1`. `check` runs on its connection. Throws a UserError if none can be used.
 */
export async function maintenanceTarget(
  target: PgTarget,
  options: ClientOptions,
  check: (client: pg.Client) => Promise<void> = async () => {},
): Promise<PgTarget> {
  let last: unknown;
  for (const database of new Set(['postgres', target.database, 'template1'])) {
    const found = inDatabase(target, database);
    try {
      await withConnection(found, options, check);
      return found;
    } catch (error) {
      if (failureOf(error).sqlstate !== '3D000') throw unusable(found, error);
      last = error;
    }
  }
  throw unusable(target, last);
}

/** Says in one sentence why a database cannot be used, and what to do next. */
export function unusable(target: PgTarget, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const failure = failureOf(error);
  const what = failure.fullDisk
    ? `The disk of PostgreSQL at ${pgName(target)} is full`
    : failure.sqlstate === READ_ONLY
      ? `PostgreSQL at ${pgName(target)} takes no writes`
      : failure.sqlstate === '53300'
        ? `PostgreSQL at ${pgName(target)} has no connection left for user ${sanitise(target.user)}`
        : failure.why === 'down' || failure.why === 'timeout'
          ? `PostgreSQL at ${pgName(target)} does not answer`
          : `PostgreSQL at ${pgName(target)} refuses user ${sanitise(target.user)}`;
  return new UserError(
    `${what}: ${sanitise(failure.message)}.`,
    failure.next || 'Check host, port, database and user.',
  );
}

const loopback = (host: string): boolean => /^(localhost|127\.|::1$)/.test(host);

// `prefer` uses TLS without verification, but not to this machine, where no network can be tapped, unless there is a
// certificate to show. Through a socket there is no TLS, as in libpq.
function sslOf({ssl, host, rootCert, clientCert, clientKey}: PgTarget): pg.ClientConfig['ssl'] {
  if (ssl === 'disable' || host.startsWith('/')) return false;
  if (ssl === 'prefer' && loopback(host) && clientCert === undefined) return false;
  const files = {
    ...(rootCert ? {ca: readFileSync(rootCert, 'utf8')} : {}),
    ...(clientCert ? {cert: readFileSync(clientCert, 'utf8')} : {}),
    ...(clientKey ? {key: readFileSync(clientKey, 'utf8')} : {}),
  };
  if (ssl === 'verify-full') return {...files, rejectUnauthorized: true};
  if (ssl === 'verify-ca') return {...files, rejectUnauthorized: true, checkServerIdentity: () => undefined};
  return {...files, rejectUnauthorized: rootCert !== undefined, checkServerIdentity: () => undefined};
}

/** A target's password: its own, else the one in ~/.pgpass, else none. */
export const passwordOf = async (target: PgTarget): Promise<string | undefined> =>
  target.password() ?? (await fromPgpass(target));

// pg 9 will no longer read ~/.pgpass; pg 8 prints a warning on the screen each time it does.
function fromPgpass({host, port, database, user}: PgTarget): Promise<string | undefined> {
  pgpass.warnTo(process.env.TRADETOP_DEBUG ? process.stderr : sink());
  return new Promise(resolve => pgpass({host, port, database, user}, (password?: string) => resolve(password)));
}

const sink = (): NodeJS.WritableStream => ({write: () => true}) as unknown as NodeJS.WritableStream;
