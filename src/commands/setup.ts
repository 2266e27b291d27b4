import type {Config, ConfigFlags} from '../config/config.ts';
import {envOf} from '../config/settings.ts';
import {LOGIN_ROLES, variable} from '../config/variables.ts';
import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {secret} from '../core/secret.ts';
import {askSecret} from '../io/ask-secret.ts';
import {openPg} from '../io/pg.ts';
import {loadSql, type SqlLibrary} from '../io/sql.ts';
import {pgName} from '../io/targets.ts';
import type {RolePassword} from '../setup/passwords.ts';
import {stepLines} from '../setup/report.ts';
import {SECTIONS, type Section} from '../setup/sections.ts';
import {setUp} from '../setup/setup.ts';
import {readChecks} from '../verify/read-checks.ts';
import {runChecks} from '../verify/run.ts';
import {checkLines, checksExitCode, checksSummary, summaryLine} from './shared/check-report.ts';
import {defineCommand} from './shared/command.ts';
import {offerPrefect} from './shared/offer-prefect.ts';
import {partsOf} from './verify.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/** `tradetop setup`: creates and upgrades the databases, then verifies them. */
export const setupCommand = defineCommand({
  name: 'setup',
  summary: 'creates and upgrades databases, schemas, tables, indexes and roles',
  details: [
    'Runs sql/01…03, which psql can run too. It may be run again at any time: what is right stays as it is.',
    'Connects as TRADING_DB_USER, which must be a superuser or have CREATEDB and CREATEROLE.',
    'Where the program prefect is on the PATH it asks whether to run Prefect’s two commands, which it shows in any case.',
    'The roles’ passwords come from the environment, and reach the server only as SCRAM verifiers:',
    `  ${Object.values(LOGIN_ROLES).join('\n  ')}\n  PREFECT_DB_PASSWORD`,
  ].join('\n'),
  flags: {
    only: {type: 'string', value: 'PARTS', help: `one or more of ${SECTIONS.join(', ')}, separated by commas`},
    dryRun: {type: 'boolean', help: 'show what would be done, and do nothing'},
    operatorMayVacuum: {
      type: 'boolean',
      help: 'below PostgreSQL 17: let tradetop_operator VACUUM, for which it gets the power of the tables’ owner',
    },
    yes: {type: 'boolean', help: 'configure Prefect by its own program, if that is on the PATH, without asking'},
    askPasswords: {type: 'boolean', help: 'ask for the passwords that the environment does not set'},
  },
  run: async ({flags, config: read}) => {
    const config = read();
    const only = sections(flags.only, config);
    const {dryRun = false} = flags;
    if (config.readOnly && !dryRun) {
      throw new UserError(
        'This configuration is read-only.',
        'Use --dry-run to see what would be done, --no-read-only to do it.',
      );
    }
    const env = envOf(flags as ConfigFlags);
    const prefect = {database: config.prefect.database, owner: prefectOwner(config, env)};
    const known = passwordsOf(prefect.owner, config, env);
    const sql = loadSql();
    print(
      `Setting up ${pgName(config.trading)} as ${config.trading.user}${dryRun ? ' (dry run: nothing is done)' : ''}`,
    );
    const passwords = flags.askPasswords ? await askFor(known) : known;
    await setUp({
      trading: config.trading,
      prefect,
      sql,
      only,
      dryRun,
      operatorMayVacuum: flags.operatorMayVacuum ?? false,
      passwords,
      onStep: step => print(stepLines(step).join('\n')),
    });
    if (only.includes('prefect')) {
      const password = passwords.find(({role}) => role === prefect.owner)?.password();
      await offerPrefect({server: config.prefect, prefect, password, yes: flags.yes ?? false, dryRun});
    }
    return dryRun ? 0 : verified(config, sql, only);
  },
});

async function verified(config: Config, sql: SqlLibrary, only: readonly Section[]): Promise<number> {
  if (!(['databases', 'tables', 'indexes', 'roles'] as const).every(part => only.includes(part))) {
    print('To verify the whole set-up: tradetop verify --only setup');
    return 0;
  }
  const pg = openPg(config.trading, sql, {
    name: 'tradetop setup',
    max: 1,
    statementMs: 60_000,
    lockMs: 2000,
    reads: 'as monitor',
  });
  try {
    const results = await runChecks(pg, readChecks(sql), {only: ['setup']});
    for (const result of results.filter(r => r.status !== 'pass')) print(checkLines(result, config.ascii).join('\n'));
    const summary = checksSummary(results);
    print(`Verification: ${summaryLine(summary)}`);
    return checksExitCode(summary);
  } finally {
    await pg.close();
  }
}

// PREFECT_DB_USER, as psql takes it, or the user of Prefect's URL or of the config file.
const prefectOwner = ({prefect, trading}: Config, env: Env): string =>
  variable(env, 'prefectUser') || (prefect.user !== trading.user ? prefect.user : 'prefect');

// Prefect's database is created on the trading server only; on another server it is not ours.
function sections(asked: string | undefined, {trading, prefect}: Config): readonly Section[] {
  const parts = partsOf(asked, SECTIONS);
  if (prefect.host === trading.host && prefect.port === trading.port) return parts;
  const where = `Prefect’s database is on another server (${pgName(prefect)})`;
  if (asked?.includes('prefect')) throw new UserError(`${where}.`, 'Run there: tradetop setup --only prefect --host …');
  print(`${where}: it is not touched.`);
  return parts.filter(part => part !== 'prefect');
}

function passwordsOf(owner: string, {prefect, trading}: Config, env: Env): readonly RolePassword[] {
  // Without a password of its own Prefect's target has the trading user's, which must not be set for another role.
  const ofUrl = prefect.password() === trading.password() ? undefined : prefect.password();
  return [
    ...Object.entries(LOGIN_ROLES).map(([role, variable]) => ({role, variable, password: secret(env[variable])})),
    {role: owner, variable: 'PREFECT_DB_PASSWORD', password: secret(variable(env, 'prefectPassword') ?? ofUrl)},
  ];
}

async function askFor(passwords: readonly RolePassword[]): Promise<readonly RolePassword[]> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError('--ask-passwords needs a terminal.', 'Set the passwords in the environment instead.');
  }
  const asked: RolePassword[] = [];
  for (const entry of passwords) {
    const known = entry.password() !== undefined;
    const typed = known
      ? undefined
      : await askSecret(`Password of ${entry.role} (Enter: none): `, process.stdin, process.stderr).catch(() => {
          throw new UserError('Cancelled.', 'Nothing was changed.');
        });
    asked.push(known ? entry : {...entry, password: secret(typed)});
  }
  return asked;
}
