import {randomBytes} from 'node:crypto';
import {join, resolve} from 'node:path';
import type pg from 'pg';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {maintenanceTarget, unusable, withConnection} from '../io/pg-client.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {inDatabase, type PgTarget, pgName} from '../io/targets.ts';
import {runTransaction} from '../io/transaction.ts';
import {type Cipher, decrypting, refuseUnreadable} from './encryption.ts';
import {type BackedUp, type BackupPart, type Manifest, sealed, verifyBackup} from './manifest.ts';
import {runPrograms} from './programs.ts';
import {BACKUP_CLIENT, dbname, findTools, type Tools, toolFor} from './tools.ts';

type RestoreOptions = {
  /** The backup's directory. */
  readonly from: string;
  /** The database to create; it must not exist. */
  readonly into: string;
  readonly part: BackupPart;
  /** The server, and a user with the right to create databases there; its database serves only to connect. */
  readonly server: PgTarget;
  readonly sql: SqlLibrary;
  /** Number of connections that write in parallel. Default 2. */
  readonly jobs?: number;
  /** The file of age's private key, where the backup is encrypted with age. */
  readonly identity?: string | undefined;
  /** The manifest, if `verifyBackup` has just compared the files with it. Default: they are compared here. */
  readonly verified?: Manifest;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/**
 * Creates a database from a backup, with its rights, settings and statistics. Files are compared with their checksums
 * first. The database is filled under another name (NAME_restoring_…), to which only its owner may connect, and gets
 * its name at the end: an interruption at any time leaves no incomplete database of that name. An existing database is
 * never changed. Throws a UserError that says what to do, or the signal's reason.
 */
export async function restore(options: RestoreOptions): Promise<Manifest> {
  const {from, into, part, server, sql, signal, say} = options;
  if (into === '' || Buffer.byteLength(into) > 63 || /[\p{Cc}]/u.test(into)) {
    throw new UserError('The database’s name must have 1 to 63 bytes and no control characters.');
  }
  const dir = resolve(from);
  if (!options.verified) say('checksums');
  const manifest = options.verified ?? (await verifyBackup(dir));
  signal.throwIfAborted();
  const saved = manifest.databases.find(d => d.part === part);
  if (!saved) throw new UserError(`${sanitise(from)} contains no ${part} database.`);
  if (manifest.cipher)
    await refuseUnreadable(manifest.cipher, join(dir, sealed('roles', manifest.cipher)), options.identity, signal);
  const tools = await findTools(Math.max(saved.serverMajor, Number.parseInt(manifest.pgDump, 10)));
  const home = await maintenanceTarget(server, BACKUP_CLIENT);
  try {
    await withConnection(home, BACKUP_CLIENT, client => checkServer(client, options, saved, dir));
    const filled = `${Buffer.from(into).subarray(0, 40).toString('latin1').replace(/[^\w]/g, '_')}_restoring_${randomBytes(4).toString('hex')}`;
    try {
      await withConnection(home, BACKUP_CLIENT, client => create(client, sql, saved, filled));
      say(`database ${saved.name} into ${into}`);
      await fill(options, {dir, cipher: manifest.cipher, tools, home, filled});
      say('statistics');
      await withConnection(inDatabase(home, filled), BACKUP_CLIENT, client =>
        client.query(sql.statement('backup/analyze', 0)),
      );
      signal.throwIfAborted();
      await withConnection(home, BACKUP_CLIENT, client => publish(client, sql, saved, filled, into));
    } catch (error) {
      await withConnection(home, BACKUP_CLIENT, client => drop(client, sql, filled)).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw signal.aborted || error instanceof UserError ? error : explained(home, error);
  }
  return manifest;
}

type Filling = {
  readonly dir: string;
  readonly cipher: Cipher | undefined;
  readonly tools: Tools;
  readonly home: PgTarget;
  /** The empty database. */
  readonly filled: string;
};

/** Fills the database from the backup's files; what is encrypted comes through a pipe, and by one connection. */
async function fill(
  {part, jobs = 2, identity, signal}: RestoreOptions,
  {dir, cipher, tools, home, filled}: Filling,
): Promise<void> {
  const args = ['--exit-on-error', `--dbname=${dbname(filled)}`];
  if (cipher === undefined) {
    const restoring = await toolFor(tools, 'pg_restore', [...args, `--jobs=${jobs}`, join(dir, part)], home);
    return runPrograms([restoring], signal);
  }
  const restoring = await toolFor(tools, 'pg_restore', [...args, '--format=custom'], home);
  const path = join(dir, sealed(part, cipher));
  await decrypting({cipher, path, identity}, decrypt => runPrograms([decrypt, restoring], signal));
}

/** Drops a database and ends its sessions; does nothing if there is none of that name. */
export const drop = (client: pg.Client, sql: SqlLibrary, name: string): Promise<void> =>
  statements(client, sql, 'backup/drop', [name]);

async function checkServer(
  client: pg.Client,
  {into, sql}: RestoreOptions,
  saved: BackedUp,
  dir: string,
): Promise<void> {
  const {rows} = await client.query(sql.statement('backup/exists', 0), [into]);
  if (rows[0].there) throw exists(into);
  if (rows[0].major < saved.serverMajor) {
    throw new UserError(
      `The backup is from PostgreSQL ${saved.serverMajor}, and this server is older: ${rows[0].major}.`,
      'Restore it on a server of the same or a newer version.',
    );
  }
  const {rows: missing} = await client.query(sql.statement('backup/missing_roles', 0), [saved.roles]);
  if (missing.length === 0) return;
  throw new UserError(
    `This server lacks roles that the backup refers to: ${sanitise(missing.map(m => m.name).join(', '))}.`,
    `Create them: tradetop setup --only roles, or all roles of the old server: psql -d postgres -f ${sanitise(join(dir, 'roles.sql'))}`,
  );
}

const exists = (name: string): UserError =>
  new UserError(`The database ${sanitise(name)} exists already; it was not changed.`, 'Name another one by --into.');

/** Creates an empty database like the saved one, closed to all but its owner. */
async function create(client: pg.Client, sql: SqlLibrary, saved: BackedUp, name: string): Promise<void> {
  const {owner, encoding, provider, collate, ctype, locale} = saved;
  const values = [name, owner, encoding, provider, collate, ctype, locale];
  await statements(client, sql, 'backup/create', values);
  await statements(client, sql, 'backup/rights', [name, '[]', null]);
}

/** Gives the filled database its settings, rights and name, which opens it. */
async function publish(client: pg.Client, sql: SqlLibrary, saved: BackedUp, name: string, into: string): Promise<void> {
  const rights = saved.rights === null ? null : JSON.stringify(saved.rights);
  try {
    for (const setting of saved.settings) {
      const values = [name, setting.role, setting.name, setting.value];
      await runTransaction(client, {}, () => statements(client, sql, 'backup/setting', values));
    }
    await statements(client, sql, 'backup/rights', [
      name,
      rights ?? '[{"privilege":"CONNECT"},{"privilege":"TEMPORARY"}]',
      saved.comment,
    ]);
    await statements(client, sql, 'backup/rename', [name, into]);
  } catch (error) {
    // A database whose creation was not yet committed when ours was renamed shows as a duplicate key.
    if (['42P04', '23505'].includes(failureOf(error).sqlstate ?? '')) throw exists(into);
    throw error;
  }
}

async function statements(client: pg.Client, sql: SqlLibrary, name: string, values: readonly unknown[]): Promise<void> {
  const {rows} = await client.query<{statement: string}>(sql.statement(name, 0), [...values]);
  for (const {statement} of rows) await client.query(statement);
}

function explained(target: PgTarget, error: unknown): Error {
  const {message, sqlstate} = failureOf(error);
  if (sqlstate === undefined) return unusable(target, error);
  if (sqlstate === '42501') {
    return new UserError(
      `${pgName(target)}: ${sanitise(message)}.`,
      'Connect as a superuser, or as a role with CREATEDB that is a member of every owner in the backup.',
    );
  }
  return error as Error;
}
