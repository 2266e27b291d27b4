import pg from 'pg';
import type {PgTarget} from '../config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {clientConfig, unusable} from '../io/pg.ts';
import type {ScriptItem} from '../io/psql-script.ts';

/** What a script did to one thing, in the script's own words: `created`, `already there`, `changed: …`. */
export type Did = {readonly what: string; readonly object: string; readonly result: string};

export type ScriptRun = {
  readonly file: string;
  readonly items: readonly ScriptItem[];
  /** The database that it starts in. */
  readonly target: PgTarget;
  /** Sections whose items run; `always` ones do in any case. */
  readonly sections: readonly string[];
  /** Everything happens in transactions that are rolled back; what cannot is told and not done. */
  readonly dryRun: boolean;
};

export type ScriptOutcome = {
  readonly did: readonly Did[];
  /** What the server warned of, each with its remedy. */
  readonly warnings: readonly string[];
};

/**
 * Runs a script's items as psql would, one connection at a time. Throws a UserError with the server's message and what
 * to do next. A dry run that comes to something which would only exist after a real one lists the rest by its words.
 */
export async function runScript(run: ScriptRun): Promise<ScriptOutcome> {
  const did: Did[] = [];
  const warnings: string[] = [];
  const items = run.items.filter(i => i.section === 'always' || run.sections.includes(i.section));
  let client = await connect(run.target, warnings, run.dryRun);
  try {
    for (const [n, item] of items.entries()) {
      if (item.kind === 'connect') {
        await client.end();
        const next = await connectUnlessPlanned({...run.target, database: item.text}, warnings, run.dryRun);
        if (!next) return {did: [...did, ...planned(items.slice(n + 1))], warnings};
        client = next;
        continue;
      }
      try {
        did.push(...(await runItem(client, item, run.dryRun)));
      } catch (error) {
        if (run.dryRun && MISSING.has(failureOf(error).sqlstate ?? '')) {
          return {did: [...did, ...planned(items.slice(n))], warnings};
        }
        throw named(error, run, item);
      }
    }
    if (run.dryRun) await client.query('ROLLBACK');
    return {did, warnings};
  } finally {
    await client.end().catch(() => {});
  }
}

// Undefined table, schema, database, function, object: what an earlier, undone step would have made.
const MISSING = new Set(['42P01', '3F000', '3D000', '42883', '42704']);

/** A connection for set-up: nothing times out but the locks that the scripts bound themselves. Throws the driver's error. */
export async function connect(target: PgTarget, warnings: string[] = [], dryRun = false): Promise<pg.Client> {
  const client = new pg.Client({...clientConfig(target, 'tradetop setup'), connectionTimeoutMillis: 10_000});
  client.on('error', () => {});
  client.on('notice', notice => {
    const {severity, message, hint} = notice as {severity?: string; message?: string; hint?: string};
    if (severity === 'WARNING') warnings.push(sanitise(`${message}${hint ? `. ${hint}` : ''}`));
  });
  await client.connect();
  if (dryRun) await client.query('BEGIN');
  return client;
}

async function connectUnlessPlanned(
  target: PgTarget,
  warnings: string[],
  dryRun: boolean,
): Promise<pg.Client | undefined> {
  try {
    return await connect(target, warnings, dryRun);
  } catch (error) {
    if (dryRun && failureOf(error).sqlstate === '3D000') return undefined;
    throw unusable(target, error);
  }
}

async function runItem(client: pg.Client, {kind, text}: ScriptItem, dryRun: boolean): Promise<readonly Did[]> {
  if (dryRun && /^(BEGIN|COMMIT)$/i.test(text)) return [];
  const {rows} = await client.query<Record<string, unknown>>(text);
  if (kind === 'gexec') {
    const statements = rows.flatMap(row => Object.values(row).filter(v => typeof v === 'string'));
    for (const statement of dryRun ? [] : statements) await client.query(statement);
    return [];
  }
  return rows.filter(isDid).map(({what, object, result}) => ({
    what: sanitise(what),
    object: sanitise(object),
    result: sanitise(dryRun ? result.replace(/^(created|changed|made anew)\b/, 'would be $1') : result),
  }));
}

const isDid = (row: Record<string, unknown>): row is Did & Record<string, unknown> =>
  typeof row.what === 'string' && typeof row.object === 'string' && typeof row.result === 'string';

/** What items would make, by their words: CREATE FUNCTION shared.x(…), CALL pg_temp.have_table('execution.orders', … */
export function planned(items: readonly ScriptItem[]): readonly Did[] {
  return items.flatMap(({text}) => {
    const made = /pg_temp\.have_(table|enum|index)\(\s*'(?:CREATE (?:UNIQUE )?INDEX )?([\w.]+)/.exec(text);
    const func = /^CREATE OR REPLACE FUNCTION (shared\.\w+)/.exec(text);
    const index = /pg_temp\.have_index\(\$\$CREATE (?:UNIQUE )?INDEX (\w+)/.exec(text);
    const [what, object] = func ? ['function', func[1]] : index ? ['index', index[1]] : [made?.[1], made?.[2]];
    return what && object ? [{what: what === 'enum' ? 'type' : what, object, result: 'would be created'}] : [];
  });
}

function named(error: unknown, {file, target}: ScriptRun, {line}: ScriptItem): Error {
  const failure = failureOf(error);
  const {hint, detail} = error as {hint?: string; detail?: string};
  if (failure.sqlstate === undefined) return unusable(target, error);
  const next =
    hint ??
    (failure.sqlstate === '42501'
      ? 'Connect as a superuser, or as a role with CREATEDB and CREATEROLE that owns what is there.'
      : failure.sqlstate === '55P03'
        ? 'Another session holds a lock on one of the tables. Nothing was changed; run the set-up again.'
        : failure.next);
  if (next === '') return error as Error;
  return new UserError(sanitise(`${file}, line ${line}: ${failure.message}${detail ? ` (${detail})` : ''}.`), next);
}
