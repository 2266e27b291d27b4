import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import pg from 'pg';
import {type PostgresServer, startPostgres} from '../../src/demo/postgres.ts';
import {startRedis} from '../../src/demo/redis.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {program} from '../helpers/desk/console.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {openTerminal} from '../helpers/servers/pty.ts';
import type {Bench, Report} from './report.ts';

const SECONDS = Number(process.env.TRADETOP_BENCH_SECONDS ?? 120);
const RELATIONS = Number(process.env.TRADETOP_BENCH_RELATIONS ?? 50_000);
const CLIENTS = 20;
const WARM_UP_S = 30;
const DEAREST = 15;
const SIZE = {columns: 160, rows: 48};
const DATABASE = 'trading_system';
const PASSWORD = 'of the bench';
const LOGINS = {console: 'tradetop_operator', peer: 'bench_peer'} as const;
/** The roles whose statements are counted: the console reads as the second. */
const ROLES = {console: [LOGINS.console, 'tradetop_monitor'], peer: [LOGINS.peer]} as const;

/**
 * What the default view with all alerts costs the server, by pg_stat_statements, beside pg_activity in the same minutes
 * at the same refresh; and again with many relations.
 */
export const bench: Bench = async report => {
  const [postgres, redis] = await Promise.all([
    // A desk keeps its data: without fsync a check would stand as an alert.
    startPostgres({
      fsync: true,
      settings: {'pg_stat_statements.track_planning': 'on', max_locks_per_transaction: '512'},
    }),
    startRedis(),
  ]);
  const {host, port, user, password} = postgres;
  const pool = new pg.Pool({host, port, user, password, database: DATABASE, ssl: false, max: CLIENTS + 2});
  // The end of the server ends what is idle in the pool.
  pool.on('error', () => {});
  const env = envOf(postgres, redis.url);
  const ending = new AbortController();
  const desk: ChildProcess[] = [];
  const clients: Promise<void>[] = [];
  try {
    await setUp({
      trading: targetOf({...postgres, database: DATABASE}),
      prefect: {database: 'prefect', owner: 'prefect'},
      sql: loadSql(),
      only: ['databases', 'roles', 'tables', 'indexes'],
    });
    await pool.query(`ALTER ROLE ${LOGINS.console} LOGIN PASSWORD '${PASSWORD}';
      CREATE ROLE ${LOGINS.peer} LOGIN SUPERUSER PASSWORD '${PASSWORD}';
      CREATE TABLE public.bench_accounts AS SELECT id, 0 AS balance FROM generate_series(1, 1000) AS id;
      CREATE UNIQUE INDEX ON public.bench_accounts (id)`);
    desk.push(...['feed', 'sync'].map(command => start(command, env)));
    clients.push(...Array.from({length: CLIENTS}, () => client(pool, ending.signal)));
    const usual = await measured(pool, env, 'a usual desk', report);
    if (usual.peer !== undefined) {
      report.row({
        name: 'the console',
        value: usual.console,
        unit: 'ms/min',
        baseline: usual.peer,
        baselineIs: 'pg_activity',
        ratio: usual.console / usual.peer,
        aim: '≤ 0.3×',
        met: usual.console <= 0.3 * usual.peer,
      });
    }
    report.log(`making ${RELATIONS} relations`);
    await makeRelations(pool);
    const many = await measured(pool, env, `${RELATIONS} relations`, report);
    report.row({
      name: `the console at ${RELATIONS} relations`,
      value: many.console,
      unit: 'ms/min',
      baseline: usual.console,
      baselineIs: 'a usual desk',
      ratio: many.console / usual.console,
      aim: '≤ 2×',
      met: many.console <= 2 * usual.console,
    });
  } finally {
    ending.abort();
    await Promise.allSettled(clients);
    for (const child of desk) await stop(child);
    await pool.end();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
};

type Env = Readonly<Record<string, string>>;

const envOf = ({host, port, user, password}: PostgresServer, redis: string): Env => ({
  POSTGRES_HOST: host,
  POSTGRES_PORT: String(port),
  PGSSLMODE: 'disable',
  TRADING_DB_NAME: DATABASE,
  TRADING_DB_USER: user,
  TRADING_DB_PASSWORD: password,
  REDIS_URL: redis,
  TRADETOP_ENVIRONMENT: 'dev',
  TRADETOP_LOG_FILE: '/dev/null',
  XDG_CONFIG_HOME: '/nonexistent',
  XDG_STATE_HOME: '/dev/null',
});

const start = (command: string, env: Env): ChildProcess =>
  spawn(process.execPath, [program, command], {env: {...process.env, ...env}, stdio: ['ignore', 'ignore', 'inherit']});

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** One of many clients with short transactions, as those of pgbench. */
async function client(pool: pg.Pool, ending: AbortSignal): Promise<void> {
  const session = await pool.connect();
  for (let i = 0; !ending.aborted; i++) {
    await session.query('UPDATE public.bench_accounts SET balance = balance + 1 WHERE id = $1', [(i * 7919) % 1000]);
    await pause(0.2);
  }
  session.release();
}

/** Tables with a row and statistics, each with its index. */
async function makeRelations(pool: pg.Pool): Promise<void> {
  const session = await pool.connect();
  await session.query('CREATE SCHEMA many');
  for (let at = 0; at < RELATIONS / 2; at += 500) {
    await session.query(`DO $$ BEGIN FOR i IN ${at}..${at + 499} LOOP
      EXECUTE format('CREATE TABLE many.t%s AS SELECT 1 AS id, 2 AS x', i);
      EXECUTE format('CREATE UNIQUE INDEX ON many.t%s (id)', i);
      EXECUTE format('ANALYZE many.t%s', i); END LOOP; END $$`);
  }
  session.release();
}

type Cost = {readonly console: number; readonly peer: number | undefined};

/** Runs the console, and pg_activity where it is installed, in terminals of their own. Milliseconds a minute. */
async function measured(pool: pg.Pool, env: Env, where: string, {row, log}: Report): Promise<Cost> {
  const own = {...env, TRADING_DB_USER: LOGINS.console, TRADING_DB_PASSWORD: PASSWORD};
  const terminals = [openTerminal(process.execPath, [program, 'watch', '--refresh-ms', '2000'], {...SIZE, env: own})];
  const peer = spawnSync('pg_activity', ['--version']).error === undefined;
  if (peer) terminals.push(openTerminal('pg_activity', [], {...SIZE, env: peerEnv(env)}));
  else log('pg_activity is not installed: skipped');
  log(`${where}: ${WARM_UP_S} + ${SECONDS} s`);
  await pause(WARM_UP_S);
  await pool.query('SELECT pg_stat_statements_reset()');
  await pause(SECONDS);
  const spent = await spentBy(pool);
  for (const terminal of terminals) {
    terminal.kill('SIGTERM');
    await terminal.ended();
  }
  for (const {name, ms, calls, blocks} of spent.filter(s => s.of === 'console').slice(0, DEAREST)) {
    log(`${name}: ${ms.toFixed(1)} ms/min, ${calls.toFixed(1)} calls, ${Math.round(blocks)} blocks`);
    row({
      name: `${where}: ${name}, ${calls.toFixed(1)} calls, ${Math.round(blocks)} blocks`,
      value: ms,
      unit: 'ms/min',
    });
  }
  const sum = (who: Spent['of']): number => spent.filter(s => s.of === who).reduce((all, {ms}) => all + ms, 0);
  log(`in all ${sum('console').toFixed(0)} ms/min, pg_activity ${sum('peer').toFixed(0)}`);
  const cost = {console: sum('console'), peer: peer ? sum('peer') : undefined};
  row({name: `${where}: all of the console`, value: cost.console, unit: 'ms/min'});
  if (cost.peer !== undefined) row({name: `${where}: pg_activity`, value: cost.peer, unit: 'ms/min'});
  return cost;
}

const peerEnv = ({POSTGRES_HOST: PGHOST = '', POSTGRES_PORT: PGPORT = ''}: Env): Env => ({
  PGHOST,
  PGPORT,
  PGUSER: LOGINS.peer,
  PGPASSWORD: PASSWORD,
  PGDATABASE: DATABASE,
});

/** What was spent a minute: time of planning and execution, calls, and blocks that were touched; the dearest first. */
async function spentBy(pool: pg.Pool): Promise<readonly Spent[]> {
  const {rows} = await pool.query<Spent>(
    `SELECT CASE WHEN r.rolname = ANY ($3) THEN 'peer' ELSE 'console' END AS of, coalesce(substring(s.query FROM 'tradetop:([a-z_@0-9/]+)'), left(s.query, 60)) AS name,
            sum(s.total_exec_time + s.total_plan_time) * 60 / $1 AS ms, sum(s.calls)::float8 * 60 / $1 AS calls,
            sum(s.shared_blks_hit + s.shared_blks_read)::float8 * 60 / $1 AS blocks
       FROM pg_stat_statements AS s
       JOIN pg_roles AS r ON r.oid = s.userid
      WHERE r.rolname = ANY ($2) AND s.toplevel
      GROUP BY 1, 2
      ORDER BY ms DESC`,
    [SECONDS, Object.values(ROLES).flat(), ROLES.peer],
  );
  return rows;
}

type Spent = {
  readonly of: 'console' | 'peer';
  readonly name: string;
  readonly ms: number;
  readonly calls: number;
  readonly blocks: number;
};

const pause = (seconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, seconds * 1000));
