import {z} from 'zod';
import type {SafeText} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import {decodeOne, maybeText, number, rowSchema, text} from './columns.ts';
import {SourceError} from './source-error.ts';

const SQL = 'monitor/statements_extension';

const row = rowSchema({
  loaded: z.boolean(),
  preloaded: maybeText,
  database: text,
  reader: text,
  reader_oid: number,
  version: z.string().nullable(),
  schema: z.string().nullable(),
  quoted_schema: maybeText,
  usable: z.boolean().nullable(),
});

/** The extension pg_stat_statements of this database. */
export type Extension = {
  /** `1.11` → 11. The extension's version counts, not the server's: pg_upgrade leaves an older one behind. */
  readonly variant: number;
  readonly names: {readonly schema: string};
  /** Our role, quoted, and its oid. */
  readonly role: string;
  readonly roleOid: number;
};

/** Finds the extension. Throws a SourceError that names the exact step that is missing. */
export async function findExtension(io: Io): Promise<Extension> {
  const found = decodeOne(row, await io.query(SQL), SQL);
  const unsupported = (message: string, next: string): SourceError =>
    new SourceError({why: 'unsupported', message, next});
  if (!found.loaded) {
    const libraries = [found.preloaded, 'pg_stat_statements'].filter(Boolean).join(', ');
    throw unsupported(
      'the server has not loaded pg_stat_statements',
      `Set shared_preload_libraries = '${libraries}' in postgresql.conf and restart PostgreSQL.`,
    );
  }
  if (found.version === null || found.schema === null) {
    throw unsupported(
      `database ${found.database} has no extension pg_stat_statements`,
      `Run as a superuser in ${found.database}: CREATE EXTENSION pg_stat_statements;`,
    );
  }
  const [major = 0, minor = 0] = found.version.split('.').map(Number);
  const variant = major === 1 ? minor : major * 100;
  if (!(variant >= 8)) {
    throw unsupported(
      `pg_stat_statements has version ${found.version}, which is older than the server`,
      `Run as a superuser in ${found.database}: ALTER EXTENSION pg_stat_statements UPDATE;`,
    );
  }
  if (found.usable === false) {
    throw new SourceError({
      why: 'denied',
      message: `role ${found.reader} may not use the schema of pg_stat_statements`,
      next: `Run as a superuser in ${found.database}: GRANT USAGE ON SCHEMA ${found.quotedSchema} TO ${found.reader};`,
    });
  }
  return {variant, names: {schema: found.schema}, role: found.reader, roleOid: found.readerOid};
}

const REMEDIES = [
  ['compute_query_id', "compute_query_id = 'auto'"],
  ['pg_stat_statements.track', "pg_stat_statements.track = 'top'"],
] as const;

/**
 * Nothing is counted, by these settings: an empty list would look like a quiet server. It is tried again soon: a reload
 * of the settings ends it.
 */
export function uncounted(stopped: SafeText): SourceError {
  const changes = REMEDIES.filter(([name]) => stopped.includes(name)).map(([, to]) => to);
  return new SourceError({
    why: 'unsupported',
    message: `no statement is counted: ${stopped}`,
    next: `Run as a superuser: ALTER SYSTEM SET ${changes.join('; ALTER SYSTEM SET ')}; SELECT pg_reload_conf();`,
    retry: true,
  });
}
