import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Client} from 'pg';
import type {PgTarget} from '../config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {unusable} from '../io/pg.ts';
import {readPsqlScript, type ScriptItem} from '../io/psql-script.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {migrate, refuseForeign} from './migrate.ts';
import {type RolePassword, setPasswords} from './passwords.ts';
import {connect, type Did, planned, runScript} from './run-script.ts';
import {SECTIONS, type Section, STEPS, type Step} from './sections.ts';

export type SetupOptions = {
  /** The trading database, and a user that may set it up. */
  readonly trading: PgTarget;
  readonly prefect: {readonly database: string; readonly owner: string};
  readonly sql: SqlLibrary;
  /** Default: everything. */
  readonly only?: readonly Section[];
  readonly dryRun?: boolean;
  readonly passwords?: readonly RolePassword[];
  /** Told of each step as soon as it is done. */
  readonly onStep?: (step: StepReport) => void;
};

export type StepReport = {
  /** The script, or `passwords`. */
  readonly step: string;
  readonly ms: number;
  readonly did: readonly Did[];
  readonly warnings: readonly string[];
};

/**
 * Sets the server up by the scripts that psql runs by hand, and sets the passwords that were given. May be run at any
 * time, by many at once. Throws a UserError that says what is missing; what one script did stays or goes as a whole.
 */
export async function setUp(options: SetupOptions): Promise<readonly StepReport[]> {
  const {trading, prefect, sql, only = SECTIONS, dryRun = false, passwords = [], onStep = () => {}} = options;
  const server = await serverTarget(trading);
  await inTrading(trading, client => refuseForeign(client, sql));
  const env = {
    TRADING_DB_NAME: trading.database,
    PREFECT_DB_NAME: prefect.database,
    PREFECT_DB_USER: prefect.owner,
  };
  const reports: StepReport[] = [];
  const done = (report: StepReport) => {
    reports.push(report);
    onStep(report);
  };
  for (const step of STEPS.filter(s => s.sections.some(section => only.includes(section)))) {
    const start = Date.now();
    const items = readPsqlScript(readFileSync(join(sql.dir, step.file), 'utf8'), env);
    const target = step.runsIn === 'server' ? server : trading;
    try {
      if (step.runsIn === 'trading' && (await upgrade(step, options, done)) && dryRun) {
        done({step: step.file, ms: Date.now() - start, did: planned(items), warnings: []});
        continue;
      }
      const outcome = await runScript({file: step.file, items, target, sections: only, dryRun});
      done({step: step.file, ms: Date.now() - start, ...outcome});
    } catch (error) {
      done(notYet(error, step, items, options, Date.now() - start));
    }
  }
  if (only.includes('roles') || only.includes('prefect')) {
    const start = Date.now();
    const client = await connect(server);
    try {
      const mine = passwords.filter(p => only.includes(p.role === prefect.owner ? 'prefect' : 'roles'));
      const did = await setPasswords(client, sql, mine, dryRun);
      done({step: 'passwords', ms: Date.now() - start, did, warnings: []});
    } finally {
      await client.end();
    }
  }
  return reports;
}

/** What an older release's database lacks comes before the script that makes tables; true when there was something. */
async function upgrade(
  step: Step,
  {trading, sql, only = SECTIONS, dryRun}: SetupOptions,
  done: (report: StepReport) => void,
): Promise<boolean> {
  if (!step.sections.includes('tables') || !only.includes('tables')) return false;
  const start = Date.now();
  const did = (await inTrading(trading, client => migrate(client, sql, dryRun))) ?? [];
  if (did.length > 0) done({step: 'migrations', ms: Date.now() - start, did, warnings: []});
  return did.length > 0;
}

/** Runs `work` in the trading database; undefined where that is not there yet. */
async function inTrading<T>(trading: PgTarget, work: (client: Client) => Promise<T>): Promise<T | undefined> {
  let client: Client;
  try {
    client = await connect(trading);
  } catch (error) {
    if (failureOf(error).sqlstate === '3D000') return undefined;
    throw unusable(trading, error);
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A database to connect to before the trading database exists. */
async function serverTarget(trading: PgTarget): Promise<PgTarget> {
  let last: unknown;
  for (const database of ['postgres', trading.database, 'template1']) {
    const target = {...trading, database};
    try {
      const client = await connect(target);
      const {rows} = await client.query<{server_version_num: string}>('SHOW server_version_num');
      await client.end();
      const version = Number(rows[0]?.server_version_num);
      if (version >= 140_000) return target;
      throw new UserError(
        `PostgreSQL ${Math.floor(version / 10_000)} is too old: tradetop needs 14 or newer.`,
        'Upgrade the server.',
      );
    } catch (error) {
      if (failureOf(error).sqlstate !== '3D000') throw unusable(target, error);
      last = error;
    }
  }
  throw unusable(trading, last);
}

// A dry run, or a part alone, may come to a database that an earlier step would have made.
function notYet(
  error: unknown,
  step: Step,
  items: readonly ScriptItem[],
  {trading, dryRun, only = SECTIONS}: SetupOptions,
  ms: number,
): StepReport {
  if (failureOf(error).sqlstate !== '3D000') throw error instanceof UserError ? error : unusable(trading, error);
  if (!dryRun) {
    throw new UserError(
      `There is no database ${sanitise(trading.database)}.`,
      'Run first: tradetop setup --only databases,roles',
    );
  }
  return {step: step.file, ms, did: planned(items.filter(i => only.includes(i.section as Section))), warnings: []};
}
