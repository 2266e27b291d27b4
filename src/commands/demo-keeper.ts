import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {LOGIN_ROLES} from '../config/variables.ts';
import {secret} from '../core/secret.ts';
import {SYNC_USER} from '../demo/demo-env.ts';
import {letOperatorEnd} from '../demo/incidents/scene.ts';
import {type DemoServers, type KeeperJob, type Report, runKeeper, step} from '../demo/keeper.ts';
import {packageBin} from '../demo/native.ts';
import {openTemplates, templateKey} from '../demo/template.ts';
import {cacheDir} from '../io/cache-dir.ts';
import {packageVersion} from '../io/package-dir.ts';
import {withRedis} from '../io/redis.ts';
import {parseRedisUrl} from '../io/redis-url.ts';
import {loadSql} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import type {RolePassword} from '../setup/passwords.ts';
import {setUp} from '../setup/setup.ts';
import {defineCommand} from './shared/command.ts';

const TRADING_DB = 'trading_system';
const PREFECT_DB = 'prefect';

/** The process that owns a demo's servers. `tradetop demo` starts it; it outlives the demo only to clean up. */
export const demoKeeperCommand = defineCommand({
  name: 'demo-keeper',
  summary: 'holds the servers of a demo (started by demo)',
  flags: {},
  hidden: true,
  run: async () => {
    // In other commands a closed pipe ends the process; here it starts the clean-up.
    process.stdout.removeAllListeners('error');
    const code = await runKeeper(job, {input: process.stdin, output: process.stdout});
    // An installer or a start that still runs must not keep the process: what it held is removed.
    process.exit(code);
  },
});

const job: KeeperJob = {
  templates: async settings => {
    const {dir} = loadSql();
    const parts = [packageVersion(), JSON.stringify(settings), TRADING_DB, PREFECT_DB];
    return openTemplates(cacheDir('demo'), await templateKey(parts, dir, join(packageBin(), 'postgres')));
  },
  setUp: (servers, report) => step('databases, tables, roles', report, () => setUpDesk(servers, report)),
  services: ({rate, seed}, env) => ({
    sync: {name: 'sync', args: ['sync'], env: syncEnv(env)},
    feed: {name: 'feed', args: ['feed', ...flag('rate', rate), ...flag('seed', seed)], env},
  }),
  // Not a process of its own, which would cost as much memory as the others.
  maintain: async (env, logFile, signal) => {
    const {startDemoSchedule} = await import('./shared/demo-schedule.ts');
    await startDemoSchedule(env, logFile, signal);
  },
};

const flag = (name: string, value: number | undefined): readonly string[] =>
  value === undefined ? [] : [`--${name}=${value}`];

type Env = Readonly<Record<string, string>>;

/** The synchroniser has its own user in Redis too. */
const syncEnv = (env: Env): Env => ({
  ...as('tradetop_sync', env.TRADETOP_SYNC_PASSWORD, env),
  REDIS_URL: (env.REDIS_URL ?? '').replace('redis://:', `redis://${SYNC_USER}:`),
});

const as = (user: string, password = '', env: Env): Env => ({
  ...env,
  TRADING_DB_USER: user,
  TRADING_DB_PASSWORD: password,
});

/** Sets up the new servers as `tradetop setup` does; each role gets a random password that only this demo knows. */
async function setUpDesk({postgres, redis}: DemoServers, report: Report): Promise<Readonly<Record<string, string>>> {
  const {host, port, user, password} = postgres;
  const trading: PgTarget = {host, port, user, password: secret(password), database: TRADING_DB, ssl: 'disable'};
  const variables = {...LOGIN_ROLES, [PREFECT_DB]: 'PREFECT_OWNER_PASSWORD'};
  const passwords: readonly RolePassword[] = Object.entries(variables).map(([role, variable]) => ({
    role,
    variable,
    password: secret(randomBytes(24).toString('base64url')),
  }));
  await addSyncUser(redis);
  const prefect = {database: PREFECT_DB, owner: PREFECT_DB};
  const steps = await setUp({trading, prefect, sql: loadSql(), passwords, copied: postgres.fromTemplate});
  for (const text of steps.flatMap(s => s.warnings)) report({kind: 'say', text});
  await letOperatorEnd(trading);
  const own = Object.fromEntries(passwords.map(p => [p.variable, p.password() as string]));
  return {
    ...own,
    POSTGRES_HOST: host,
    POSTGRES_PORT: String(port),
    PGSSLMODE: 'disable',
    TRADING_DB_NAME: TRADING_DB,
    TRADING_DB_USER: 'tradetop_operator',
    TRADING_DB_PASSWORD: own.TRADETOP_OPERATOR_PASSWORD as string,
    PREFECT_DB_NAME: PREFECT_DB,
    REDIS_URL: redis.url,
    TRADETOP_ENVIRONMENT: 'demo',
  };
}

/** Gives the synchroniser's user of Redis the password of the server, and all rights. */
async function addSyncUser({url, password}: DemoServers['redis']): Promise<void> {
  await withRedis(parseRedisUrl(url), 'tradetop demo', client =>
    client.call('ACL', 'SETUSER', SYNC_USER, 'on', `>${password}`, '~*', '&*', '+@all'),
  );
}
