import {existsSync} from 'node:fs';
import {mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {z} from 'zod';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {auditDataAccess} from '../io/audit.ts';
import {unusable, withConnection} from '../io/pg-client.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {type PgTarget, pgName} from '../io/targets.ts';
import {appliedMigrations} from '../setup/migrate.ts';
import {type Encryption, encrypting, encryptionFor} from './encryption.ts';
import {
  type BackedUp,
  type BackupPart,
  type Manifest,
  PARTS,
  sealed,
  syncPath,
  syncTree,
  writeManifest,
} from './manifest.ts';
import {type Program, runPrograms} from './programs.ts';
import {BACKUP_CLIENT, findTools, type Tools, toolFor} from './tools.ts';

type BackupOptions = {
  /** The directory to create; it must not exist. */
  readonly to: string;
  readonly targets: Readonly<Record<BackupPart, PgTarget>>;
  readonly sql: SqlLibrary;
  /** tradetop's own version, for the manifest. */
  readonly version: string;
  /** The person, for the audit log. */
  readonly user: string;
  /** Number of connections that read in parallel. Default 2. */
  readonly jobs?: number;
  /** Includes the roles' password verifiers, which only a superuser may read. Default false. */
  readonly rolePasswords?: boolean;
  /** For whom it is encrypted: age's public key, or a key of gpg's keyring. Default: it is not. */
  readonly encryptTo?: string;
  readonly signal: AbortSignal;
  /** Gets a line for each step. */
  readonly say: (line: string) => void;
};

export type BackupReport = {
  readonly directory: string;
  readonly manifest: Manifest;
  /** What failed beside the backup itself, which is complete. */
  readonly warnings: readonly string[];
};

/**
 * Backs up both databases with pg_dump, each as of one instant, and the server's roles. The backup is made in
 * `DIR.partial`, gets its checksums, is flushed to disk, and only then renamed to DIR: an interruption at any time
 * leaves no DIR. What is encrypted never reaches the disk in clear text. A missing Prefect database is left out. Throws
 * a UserError that says what to do, or the signal's reason.
 */
export async function backUp(options: BackupOptions): Promise<BackupReport> {
  const to = resolve(options.to);
  const partial = `${to}.partial`;
  refuseExisting(to, partial);
  const startedAt = new Date().toISOString();
  const encryption =
    options.encryptTo === undefined ? undefined : await encryptionFor(options.encryptTo, options.signal);
  const databases = await describeAll(options);
  const tools = await findTools(Math.max(...databases.map(d => d.serverMajor)));
  await makePartial(partial);
  try {
    await (encryption
      ? dumpEncrypted(options, partial, databases, tools, encryption)
      : dump(options, partial, databases, tools));
    options.say('checksums');
    const finishedAt = new Date().toISOString();
    const about = {
      tradetop: options.version,
      pgDump: tools.version,
      startedAt,
      finishedAt,
      ...(encryption ? {cipher: encryption.cipher} : {}),
      databases: [...databases],
    };
    const manifest = await writeManifest(partial, about);
    await syncTree(partial);
    options.signal.throwIfAborted();
    refuseExisting(to);
    await rename(partial, to);
    await syncPath(dirname(to));
    return {directory: to, manifest, warnings: await audit(options, to, manifest)};
  } catch (error) {
    await rm(partial, {recursive: true, force: true});
    throw error;
  }
}

async function dump(
  {targets, jobs = 2, rolePasswords = false, signal, say}: BackupOptions,
  dir: string,
  databases: readonly BackedUp[],
  tools: Tools,
): Promise<void> {
  for (const {part, name} of databases) {
    say(`database ${name}`);
    const args = ['--format=directory', `--file=${join(dir, part)}`, `--jobs=${jobs}`, LOCK_WAIT, '--no-sync'];
    await runPrograms([await toolFor(tools, 'pg_dump', args, targets[part])], signal);
  }
  say('roles');
  const args = [`--file=${join(dir, 'roles.sql')}`, '--no-sync', ...rolesOnly(rolePasswords)];
  await runPrograms([await toolFor(tools, 'pg_dumpall', args, targets.trading)], signal);
}

const LOCK_WAIT = '--lock-wait-timeout=30000';
const rolesOnly = (passwords: boolean): readonly string[] => [
  '--roles-only',
  ...(passwords ? [] : ['--no-role-passwords']),
];

/** Each database and the roles in one encrypted file, through a pipe: by one connection, as only a directory takes several. */
async function dumpEncrypted(
  {targets, rolePasswords = false, signal, say}: BackupOptions,
  dir: string,
  databases: readonly BackedUp[],
  tools: Tools,
  encryption: Encryption,
): Promise<void> {
  const into = async (file: string, dumping: Program): Promise<void> => {
    const handle = await open(join(dir, file), 'wx', 0o600);
    try {
      await runPrograms([dumping, encrypting(encryption, handle.fd)], signal);
    } finally {
      await handle.close();
    }
  };
  for (const {part, name} of databases) {
    say(`database ${name}, encrypted with ${encryption.cipher}`);
    const dumping = await toolFor(tools, 'pg_dump', ['--format=custom', LOCK_WAIT], targets[part]);
    await into(sealed(part, encryption.cipher), dumping);
  }
  say('roles');
  const dumping = await toolFor(tools, 'pg_dumpall', rolesOnly(rolePasswords), targets.trading);
  await into(sealed('roles', encryption.cipher), dumping);
}

function refuseExisting(to: string, partial?: string): void {
  if (existsSync(to)) {
    throw new UserError(`${sanitise(to)} exists already.`, 'Name a directory that does not exist; backup creates it.');
  }
  if (partial && existsSync(partial)) {
    throw new UserError(
      `${sanitise(partial)} exists: a backup that is running, or was interrupted.`,
      'If none is running, remove it and start again.',
    );
  }
}

// mkdir fails if it exists: two backups to the same directory cannot mix.
async function makePartial(partial: string): Promise<void> {
  try {
    await mkdir(dirname(partial), {recursive: true});
    await mkdir(partial, {mode: 0o700});
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new UserError(`Cannot create ${sanitise(partial)} (${code}).`, 'Check the path and its permissions.');
  }
}

async function describeAll({targets, sql, say}: BackupOptions): Promise<readonly BackedUp[]> {
  const found: BackedUp[] = [];
  for (const part of PARTS) {
    try {
      found.push(await describe(part, targets[part], sql));
    } catch (error) {
      if (part !== 'prefect' || failureOf(error).sqlstate !== '3D000') throw unusable(targets[part], error);
      say(`database ${sanitise(targets[part].database)} does not exist: left out`);
    }
  }
  return found;
}

const list = <T extends z.ZodType>(of: T) =>
  z
    .string()
    .nullable()
    .transform(text => (text === null ? [] : z.array(of).parse(JSON.parse(text))));
const facts = z.object({
  name: z.string(),
  version: z.string(),
  major: z.number(),
  encoding: z.string(),
  provider: z.enum(['c', 'i', 'b']),
  collate: z.string(),
  ctype: z.string(),
  locale: z.string().nullable(),
  owner: z.string(),
  comment: z.string().nullable(),
  bytes: z.coerce.number(),
  default_rights: z.boolean(),
  rights: list(z.strictObject({grantee: z.string().nullable(), privilege: z.string(), grantable: z.boolean()})),
  settings: list(z.strictObject({role: z.string().nullable(), name: z.string(), value: z.string()})),
  roles: list(z.string()),
});

/** Reads what pg_dump leaves out of a database. Throws the driver's error. */
async function describe(part: BackupPart, target: PgTarget, sql: SqlLibrary): Promise<BackedUp> {
  return withConnection(target, BACKUP_CLIENT, async client => {
    const {rows} = await client.query(sql.statement('backup/database', 0));
    const {version, major, default_rights, rights, ...rest} = facts.parse(rows[0]);
    const newest = (await appliedMigrations(client, sql)).at(-1);
    return {
      part,
      ...rest,
      serverVersion: version,
      serverMajor: major,
      rights: default_rights ? null : rights,
      ...(newest ? {migration: newest.name} : {}),
    };
  });
}

// A backup reads all the data, so it belongs in the audit log. A standby cannot write that.
async function audit(
  {targets, user}: BackupOptions,
  directory: string,
  {databases, files}: Manifest,
): Promise<readonly string[]> {
  try {
    const detail = {directory, files: files.length, bytes: files.reduce((all, f) => all + f.bytes, 0)};
    const table = databases.map(d => d.name).join(', ');
    const access = {userId: user, operation: 'backup', table, detail};
    await withConnection(targets.trading, BACKUP_CLIENT, client => auditDataAccess(client, access));
    return [];
  } catch (error) {
    return [`The audit log of ${pgName(targets.trading)} could not be written: ${sanitise(failureOf(error).message)}`];
  }
}
