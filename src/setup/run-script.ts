import type pg from 'pg';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type ClientOptions, openClient, unusable} from '../io/pg-client.ts';
import {noWritesError, whyNoWrites} from '../io/pg-read-only.ts';
import type {ScriptItem} from '../io/psql-script.ts';
import {inDatabase, type PgTarget} from '../io/targets.ts';

/** What a script did to one object, in the script's own words: `created`, `already there`, `changed: …`. */
export type Did = {readonly what: string; readonly object: string; readonly result: string};

export type ScriptRun = {
  readonly file: string;
  /** The parts of the script to run. */
  readonly items: readonly ScriptItem[];
  /** The database that it starts in. */
  readonly target: PgTarget;
};

export type ScriptOutcome = {
  readonly did: readonly Did[];
  /** The server's warnings with their hints. */
  readonly warnings: readonly string[];
};

/**
 * Runs a script as psql would. Throws a UserError with the server's message and what to do next, or the driver's error.
 */
export async function runScript(run: ScriptRun): Promise<ScriptOutcome> {
  const did: Did[] = [];
  const warnings: string[] = [];
  let client = await connect(run.target, warnings);
  try {
    for (const item of run.items) {
      if (item.kind === 'connect') {
        await client.end();
        client = await connect(inDatabase(run.target, item.text), warnings);
        continue;
      }
      try {
        const {rows} = await client.query<Record<string, unknown>>(item.text);
        if (item.kind === 'gexec') for (const statement of statementsOf(rows)) await client.query(statement);
        else did.push(...didOf(rows));
      } catch (error) {
        throw locatedError(error, run, item);
      }
    }
    return {did, warnings};
  } finally {
    await client.end().catch(() => {});
  }
}

export const SETUP_CLIENT: ClientOptions = {name: 'tradetop setup'};

/**
 * A connection for set-up, without timeouts other than the scripts' own lock timeouts. Throws the driver's error, and a
 * UserError where nothing can be written.
 */
export async function connect(target: PgTarget, warnings: string[] = []): Promise<pg.Client> {
  const client = await openClient(target, {
    ...SETUP_CLIENT,
    onNotice: ({severity, message, hint}) => {
      if (severity === 'WARNING') warnings.push(sanitise(`${message}${hint ? `. ${hint}` : ''}`));
    },
  });
  const readOnly = await whyNoWrites(client);
  if (readOnly === undefined) return client;
  await client.end();
  throw unusable(target, noWritesError(readOnly));
}

const statementsOf = (rows: readonly Record<string, unknown>[]): readonly string[] =>
  rows.flatMap(row => Object.values(row).filter(v => typeof v === 'string'));

/** The rows of a script's report: a query of what, object and result. */
export const didOf = (rows: readonly Record<string, unknown>[]): readonly Did[] =>
  rows.filter(isDid).map(({what, object, result}) => ({
    what: sanitise(what),
    object: sanitise(object),
    result: sanitise(result),
  }));

const isDid = (row: Record<string, unknown>): row is Did & Record<string, unknown> =>
  typeof row.what === 'string' && typeof row.object === 'string' && typeof row.result === 'string';

/** A statement's error with its file and line and what to do about it; unchanged if it is a bug of ours. */
export function locatedError(error: unknown, {file, target}: ScriptRun, {line}: ScriptItem): Error {
  const failure = failureOf(error);
  const {hint, detail} = error as {hint?: string; detail?: string};
  if (failure.sqlstate === undefined) return unusable(target, error);
  const next = hint ?? REMEDIES[failure.sqlstate] ?? failure.next;
  if (next === '') return error as Error;
  return new UserError(sanitise(`${file}, line ${line}: ${failure.message}${detail ? ` (${detail})` : ''}.`), next);
}

const IN_THE_WAY =
  'Something of this name is there that the set-up did not make, or not so. Rename it, and run the set-up again.';

const REMEDIES: Readonly<Record<string, string>> = {
  '42501': 'Connect as a superuser, or as a role with CREATEDB and CREATEROLE that owns what is there.',
  '55P03': 'Another session holds a lock on one of the tables. Nothing was changed; run the set-up again.',
  // Wrong or duplicate objects, dependents that a change would break, reserved names, a type that a value does not fit.
  ...Object.fromEntries(
    ['42809', '42P07', '42710', '42723', '42P13', '42P16', '42P17', '42804', '2BP01'].map(code => [code, IN_THE_WAY]),
  ),
  '42939': 'PostgreSQL keeps this name for itself: choose another.',
};
