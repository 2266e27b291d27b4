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
import {prefectLine, stepLines} from '../setup/report.ts';
import {SECTIONS, type Section} from '../setup/sections.ts';
import {setUp} from '../setup/setup.ts';
import {runChecks} from '../verify/run.ts';
import {checkLines, checksExitCode, checksSummary, summaryLine} from './shared/check-report.ts';
import {defineCommand} from './shared/command.ts';
import {partsOf} from './verify.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/** `tradetop setup`: creates and upgrades everything, then verifies it. */
export const setupCommand = defineCommand({
  name: 'setup',
  summary: 'creates and upgrades databases, schemas, tables, indexes and roles',
  details: [
    'Runs sql/01…03, which psql can run as well, and may be run again at any time: what is right stays as it is.',
    'Connects as TRADING_DB_USER, who needs to be a superuser, or to have CREATEDB and CREATEROLE.',
    'Passwords of roles come from the environment, and reach the server only as SCRAM verifiers:',
    `  ${Object.values(LOGIN_ROLES).join('\n  ')}\n  PREFECT_DB_PASSWORD`,
  ].join('\n'),
  flags: {
    only: {type: 'string', value: 'PARTS', help: `some of ${SECTIONS.join(', ')}, with commas`},
    dryRun: {type: 'boolean', help: 'tell what would be done, and do nothing'},
    askPasswords: {type: 'boolean', help: 'ask for the passwords that the environment does not give'},
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
    const passwords = passwordsOf(prefect.owner, config, env);
    const sql = loadSql();
    print(
      `Setting up ${pgName(config.trading)} as ${config.trading.user}${dryRun ? ' (dry run: nothing is done)' : ''}`,
    );
    await setUp({
      trading: config.trading,
      prefect,
      sql,
      only,
      dryRun,
      passwords: flags.askPasswords ? await askFor(passwords) : passwords,
      onStep: step => print(stepLines(step).join('\n')),
    });
    if (only.includes('prefect')) print(`To point Prefect to its database:\n  ${prefectLine(config.prefect, prefect)}`);
    return dryRun ? 0 : verified(config, sql, only);
  },
});

async function verified(config: Config, sql: SqlLibrary, only: readonly Section[]): Promise<number> {
  if (!(['databases', 'tables', 'indexes', 'roles'] as const).every(part => only.includes(part))) {
    print('To verify all of it: tradetop verify --only setup');
    return 0;
  }
  const pg = openPg(config.trading, sql, {name: 'tradetop setup', max: 1, statementMs: 60_000, lockMs: 2000});
  try {
    const results = await runChecks(pg, {only: ['setup']});
    for (const result of results.filter(r => r.status !== 'pass')) print(checkLines(result, config.ascii).join('\n'));
    const summary = checksSummary(results);
    print(`Verification: ${summaryLine(summary)}`);
    return checksExitCode(summary);
  } finally {
    await pg.close();
  }
}

// The owner that psql would be told by PREFECT_DB_USER; a URL or the config file may name one too.
const prefectOwner = ({prefect, trading}: Config, env: Env): string =>
  variable(env, 'prefectUser') || (prefect.user !== trading.user ? prefect.user : 'prefect');

// Prefect's database is made on the trading server only: elsewhere it is not ours.
function sections(asked: string | undefined, {trading, prefect}: Config): readonly Section[] {
  const parts = partsOf(asked, SECTIONS);
  if (prefect.host === trading.host && prefect.port === trading.port) return parts;
  const where = `Prefect’s database is on another server (${pgName(prefect)})`;
  if (asked?.includes('prefect')) throw new UserError(`${where}.`, 'Run there: tradetop setup --only prefect --host …');
  print(`${where}: it is left alone.`);
  return parts.filter(part => part !== 'prefect');
}

function passwordsOf(owner: string, {prefect, trading}: Config, env: Env): readonly RolePassword[] {
  // Without a password of its own Prefect's settings hold the trading user's, which is not to be spread.
  const ofUrl = prefect.password() === trading.password() ? undefined : prefect.password();
  return [
    ...Object.entries(LOGIN_ROLES).map(([role, variable]) => ({role, variable, password: secret(env[variable])})),
    {role: owner, variable: 'PREFECT_DB_PASSWORD', password: secret(variable(env, 'prefectPassword') ?? ofUrl)},
  ];
}

async function askFor(passwords: readonly RolePassword[]): Promise<readonly RolePassword[]> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError('--ask-passwords needs a terminal.', 'Give the passwords by the environment instead.');
  }
  const asked: RolePassword[] = [];
  for (const entry of passwords) {
    const known = entry.password() !== undefined;
    const typed = known
      ? undefined
      : await askSecret(`Password of ${entry.role} (Enter: none): `, process.stdin, process.stderr).catch(() => {
          throw new UserError('Cancelled.', 'Nothing was done.');
        });
    asked.push(known ? entry : {...entry, password: secret(typed)});
  }
  return asked;
}
