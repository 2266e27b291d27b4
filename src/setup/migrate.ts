import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Client, ClientBase} from 'pg';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {runTransaction} from '../io/transaction.ts';
import type {Did} from './run-script.ts';

/** One file of sql/migrations. @internal */
export type Migration = {
  readonly version: number;
  /** The file's name without `.sql`: `0002_split_names`. */
  readonly name: string;
  /** SHA-256 of the text, in hex; line ends count as \n. */
  readonly checksum: string;
  readonly text: string;
};

/** A migration in shared.schema_migrations. */
type AppliedMigration = {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly at: string;
};

/** Reads the migrations of a release, oldest first. Throws when a file breaks the rules for migrations. @internal */
export function readMigrations(sqlDir: string): readonly Migration[] {
  const files = readdirSync(join(sqlDir, 'migrations'))
    .filter(file => file.endsWith('.sql'))
    .sort();
  return files.map((file, i) => {
    const text = readFileSync(join(sqlDir, 'migrations', file), 'utf8').replaceAll('\r\n', '\n');
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]);
    if (version !== i + 1) throw new Error(`sql/migrations/${file}: the next migration must be number ${i + 1}`);
    const control = /^\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK)\s*;|^\\/im.exec(text);
    if (control) throw new Error(`sql/migrations/${file}: a migration must not contain ${control[0].trim()}`);
    return {version, name: file.replace(/\.sql$/, ''), checksum: createHash('sha256').update(text).digest('hex'), text};
  });
}

/**
 * Upgrades a database of an older release: applies the migrations that are missing in its record
 * (shared.schema_migrations), all of them in one transaction, one program at a time. A database without the record is
 * not set up yet; the set-up scripts create everything in it and fill the record. Throws a UserError and changes
 * nothing when the database belongs to a newer release, when a migration differs from the applied one, or when one
 * fails.
 *
 * Written for what the libraries lack: node-pg-migrate keeps no checksums, postgrator takes no lock and migrates down
 * instead of refusing a newer database, and neither ends in the state that the set-up scripts create.
 */
export async function migrate(client: Client, sql: SqlLibrary, dryRun = false): Promise<readonly Did[]> {
  const known = readMigrations(sql.dir);
  const missing = await runTransaction(client, {}, async () => {
    await client.query(sql.statement('setup/migrations_lock', 0));
    const lacked = lacking(known, await appliedMigrations(client, sql));
    await client.query(sql.statement('setup/migrations_timeouts', 0));
    for (const migration of dryRun ? [] : lacked) await apply(client, sql, migration);
    return lacked;
  });
  return missing.map(({name}) => ({what: 'migration', object: name, result: dryRun ? 'would be applied' : 'applied'}));
}

/** Throws a UserError when the database belongs to a newer release, or one of its migrations differs from ours. */
export async function refuseForeign(client: Client, sql: SqlLibrary): Promise<void> {
  lacking(readMigrations(sql.dir), await appliedMigrations(client, sql));
}

/** The migrations that a database has, oldest first; none if it has no record of them. */
export async function appliedMigrations(client: ClientBase, sql: SqlLibrary): Promise<readonly AppliedMigration[]> {
  const {rows: exists} = await client.query<{there: boolean}>(sql.statement('setup/migrations_exists', 0));
  if (!exists[0]?.there) return [];
  const {rows} = await client.query<Record<string, unknown>>(sql.statement('setup/migrations_applied', 0));
  return rows.map(row => ({
    version: Number(row.version),
    name: sanitise(String(row.name), 200),
    checksum: String(row.checksum),
    at: row.applied_at instanceof Date ? row.applied_at.toISOString() : sanitise(String(row.applied_at), 40),
  }));
}

/** The migrations that a record lacks. Throws a UserError when it is not the beginning of ours. */
function lacking(known: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] {
  const newer = applied.findLast(({version}) => version > known.length);
  if (newer) {
    throw new UserError(
      `This database belongs to a newer tradetop: it has migration ${newer.name} of ${newer.at}; the last one here is ${known.at(-1)?.name}.`,
      'Nothing was changed. Update tradetop.',
    );
  }
  applied.forEach(({version, name, checksum, at}, i) => {
    const ours = known[i];
    if (version === ours?.version && name === ours.name && checksum === ours.checksum) return;
    throw new UserError(
      version === ours?.version
        ? `Migration ${ours.name} differs from the one that was applied on ${at}${name === ours.name ? '' : ` (${name})`}.`
        : `The migration record of this database lacks number ${i + 1}, but has ${name}.`,
      'Nothing was changed. A released migration never changes: reinstall this release, or see shared.schema_migrations.',
    );
  });
  return applied.length === 0 ? [] : known.slice(applied.length);
}

const LOCKED = 'Another session holds a lock on one of its tables: run the set-up again when that session has ended.';
const FAILED = 'Remove the cause and run the set-up again.';

async function apply(client: Client, sql: SqlLibrary, {version, name, checksum, text}: Migration): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    const {message, sqlstate} = failureOf(error);
    if (sqlstate === undefined) throw error;
    const {position} = error as {position?: string};
    const line = position ? `, line ${text.slice(0, Number(position)).split('\n').length}` : '';
    throw new UserError(
      sanitise(`Migration ${name}${line}: ${message}.`),
      `Nothing was changed, nor by the migrations before it. ${sqlstate === '55P03' ? LOCKED : FAILED}`,
    );
  }
  if (client.getTransactionStatus() !== 'T') throw new Error(`migration ${name} ended its transaction`);
  await client.query(sql.statement('setup/migrations_record', 0), [version, name, checksum]);
}
