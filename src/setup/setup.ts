import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import pg, {type Client} from 'pg';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {backendOf} from '../io/pg.ts';
import {maintenanceTarget, unusable} from '../io/pg-client.ts';
import {readPsqlScript} from '../io/psql-script.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {type PgTarget, pgName} from '../io/targets.ts';
import {withRehearsal} from './dry-run.ts';
import {migrate, refuseForeign} from './migrate.ts';
import {type RolePassword, setPasswords} from './passwords.ts';
import {connect, type Did, runScript, type ScriptOutcome, type ScriptRun, SETUP_CLIENT} from './run-script.ts';
import {SECTIONS, type Section, type SetupStep, STEPS} from './sections.ts';

export type SetupOptions = {
  /** The trading database, and a user with the rights to set it up. */
  readonly trading: PgTarget;
  readonly prefect: {readonly database: string; readonly owner: string};
  readonly sql: SqlLibrary;
  /** Default: everything. */
  readonly only?: readonly Section[];
  readonly dryRun?: boolean;
  readonly passwords?: readonly RolePassword[];
  /** The server is a copy of one that was set up by these scripts: only the passwords are set. Default: false. */
  readonly copied?: boolean;
  /**
   * Below PostgreSQL 17 only: the operator may take on the owner's role, without which nobody may VACUUM there, and which
   * may do everything to the tables. Default: an earlier membership is taken back.
   */
  readonly operatorMayVacuum?: boolean;
  /** Gets each step's report as soon as it is done. */
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
 * Sets up the server with the scripts that psql can run as well, and sets the given passwords. May be run at any time,
 * by many at once. Throws a UserError that says what is missing; each script takes effect completely or not at all.
 */
export async function setUp(options: SetupOptions): Promise<readonly StepReport[]> {
  const {trading, sql, dryRun = false, onStep = () => {}} = options;
  const server = await serverTarget(trading, sql);
  await inTrading(trading, client => refuseForeign(client, sql));
  const reports: StepReport[] = [];
  const timed = async (step: string, work: () => Promise<ScriptOutcome | undefined>): Promise<void> => {
    const start = performance.now();
    const outcome = await work();
    if (!outcome) return;
    const report = {step, ms: Math.round(performance.now() - start), ...outcome};
    reports.push(report);
    onStep(report);
  };
  if (options.copied !== true) await (dryRun ? rehearseAll(options, server, timed) : runAll(options, server, timed));
  await timed('passwords', () => passwordsOf(options, server));
  return reports;
}

type Timed = (step: string, work: () => Promise<ScriptOutcome | undefined>) => Promise<void>;

async function runAll(options: SetupOptions, server: PgTarget, timed: Timed): Promise<void> {
  for (const step of stepsOf(options)) {
    const run = scriptOf(step, options, server);
    if (createsTables(step, options)) await timed('migrations', () => upgrade(options));
    await timed(step.file, async () => {
      try {
        return (await tooEarly(step, options)) ? LATER : await runScript(run);
      } catch (error) {
        throw error instanceof UserError ? error : missingDatabase(error, options);
      }
    });
  }
}

async function rehearseAll(options: SetupOptions, server: PgTarget, timed: Timed): Promise<void> {
  const steps = stepsOf(options);
  let older = false;
  if (steps.some(step => createsTables(step, options))) {
    await timed('migrations', async () => {
      const outcome = await upgrade(options);
      older = outcome !== undefined;
      return outcome;
    });
  }
  await withRehearsal(options.trading, server, async rehearse => {
    for (const step of steps) {
      await timed(step.file, async () => {
        if (await tooEarly(step, options)) return LATER;
        // The scripts refuse the database of an older release until its migrations are applied.
        if (older && step.runsIn === 'trading') {
          return {did: [{what: 'script', object: step.file, result: 'would be run'}], warnings: []};
        }
        return rehearse(scriptOf(step, options, server));
      });
    }
  });
}

const stepsOf = ({only = SECTIONS}: SetupOptions): readonly SetupStep[] =>
  STEPS.filter(step => step.sections.some(section => only.includes(section)));

function scriptOf({file, runsIn}: SetupStep, options: SetupOptions, server: PgTarget): ScriptRun {
  const {trading, prefect, sql, only = SECTIONS, operatorMayVacuum = false} = options;
  const env = {TRADING_DB_NAME: trading.database, PREFECT_DB_NAME: prefect.database, PREFECT_DB_USER: prefect.owner};
  const items = readPsqlScript(
    readFileSync(join(sql.dir, file), 'utf8'),
    env,
    operatorMayVacuum ? {operator_may_vacuum: 'on'} : {},
  );
  return {
    file,
    target: runsIn === 'server' ? server : trading,
    items: items.filter(({section}) => section === 'always' || only.some(part => part === section)),
  };
}

const createsTables = (step: SetupStep, {only = SECTIONS}: SetupOptions): boolean =>
  step.sections.includes('tables') && only.includes('tables');

// Roles without tables need the first step only.
const LATER = {
  did: [],
  warnings: ['rights on tables are granted with the tables. Run: tradetop setup --only tables,roles'],
};

async function tooEarly(step: SetupStep, options: SetupOptions): Promise<boolean> {
  const {trading, sql} = options;
  if (!step.sections.includes('tables') || createsTables(step, options)) return false;
  const there = await inTrading(trading, async client => {
    const {rows} = await client.query<{there: boolean}>(sql.statement('setup/has_tables', 0));
    return rows[0]?.there;
  });
  return there !== true;
}

/** Applies missing migrations, before the script that creates tables; undefined if none is missing. */
async function upgrade({trading, sql, dryRun}: SetupOptions): Promise<ScriptOutcome | undefined> {
  const did = (await inTrading(trading, client => migrate(client, sql, dryRun))) ?? [];
  return did.length > 0 ? {did, warnings: []} : undefined;
}

async function passwordsOf(options: SetupOptions, server: PgTarget): Promise<ScriptOutcome | undefined> {
  const {prefect, sql, only = SECTIONS, dryRun = false, passwords = []} = options;
  const mine = passwords.filter(p => only.includes(p.role === prefect.owner ? 'prefect' : 'roles'));
  if (mine.length === 0) return undefined;
  const client = await connect(server);
  try {
    return {did: await setPasswords(client, sql, mine, dryRun), warnings: []};
  } finally {
    await client.end();
  }
}

/** Runs `work` in the trading database; undefined if that does not exist yet. */
async function inTrading<T>(trading: PgTarget, work: (client: Client) => Promise<T>): Promise<T | undefined> {
  let client: Client;
  try {
    client = await connect(trading);
  } catch (error) {
    const {sqlstate, message} = failureOf(error);
    if (sqlstate === '3D000') return undefined;
    throw sqlstate === '42501' ? notOurs(trading, message) : unusable(trading, error);
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

// Somebody else set the database up, and lets only the desk's roles in.
function notOurs({database, user}: PgTarget, message: string): UserError {
  const [name, role] = [database, user].map(n => sanitise(pg.escapeIdentifier(n)));
  return new UserError(
    `${sanitise(message)}.`,
    `As a superuser: GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${name} TO ${role}; GRANT tradetop_owner, tradetop_keeper TO ${role};`,
  );
}

/** A database to connect to before the trading database exists. Throws a UserError where it cannot be set up from here. */
const serverTarget = (trading: PgTarget, sql: SqlLibrary): Promise<PgTarget> =>
  maintenanceTarget(trading, SETUP_CLIENT, async client => {
    const {rows} = await client.query<{server_version_num: string}>('SHOW server_version_num');
    const version = Number(rows[0]?.server_version_num);
    if (version < 140_000) {
      throw new UserError(
        `PostgreSQL ${Math.floor(version / 10_000)} is too old: tradetop needs 14 or newer.`,
        'Upgrade the server.',
      );
    }
    // The scripts make settings of their session, and rely on them.
    if (!(await backendOf(client, sql)).pooled) return;
    throw new UserError(
      `${pgName(trading)} is a pooler, which cannot keep the settings of a set-up.`,
      'Connect to PostgreSQL directly.',
    );
  });

// A part that is run alone may need a database that another part creates.
function missingDatabase(error: unknown, {trading}: SetupOptions): Error {
  if (failureOf(error).sqlstate !== '3D000') return error as Error;
  return new UserError(
    `There is no database ${sanitise(trading.database)}.`,
    'Run first: tradetop setup --only databases,roles',
  );
}
