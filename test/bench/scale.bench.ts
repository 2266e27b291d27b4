import {Redis} from 'ioredis';
import pg from 'pg';
import type {TradeEvent} from '../../src/bus/kinds/trades.ts';
import {SHARDS_KEY, streamKeys, streamOf} from '../../src/bus/streams.ts';
import type {SafeText} from '../../src/core/sanitise.ts';
import {type PostgresServer, startPostgres} from '../../src/demo/postgres.ts';
import {type RedisServer, startRedis} from '../../src/demo/redis.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {deskTrades, tradeMessage} from '../helpers/desk/desk-trades.ts';
import {spawnSync} from '../helpers/desk/sync-child.ts';
import {waitFor} from '../helpers/servers/wait.ts';
import type {Bench, Report} from './report.ts';

const EVENTS = Number(process.env.TRADETOP_BENCH_EVENTS ?? 60_000);
const SHARDS = 12;
const ACCOUNTS = 120;
const CHANNEL = 'data_sync:trades';
const FIRST_AT = Date.UTC(2026, 10, 20, 9, 30) * 1000;
const LIMIT_MS = 120_000;

/** Workers that share the shards of a stream: each figure beside that of one worker, on a PostgreSQL with fsync on. */
export const bench: Bench = async report => {
  const [postgres, redis] = await Promise.all([startPostgres({fsync: true}), startRedis()]);
  const pool = new pg.Pool({...configOf(postgres), max: 2});
  try {
    await setUp({
      trading: targetOf({...postgres, database: 'trading_system'}),
      prefect: {database: 'prefect', owner: 'prefect'},
      sql: loadSql(),
      only: ['databases', 'roles', 'tables', 'indexes'],
    });
    const run = (workers: number, hot: boolean) => measured({postgres, redis, pool, workers, hot});
    // The same twice in turn, so that other load on the machine slows all of them.
    const first = [await run(1, true), await run(3, true), await run(3, false)];
    const second = [await run(1, true), await run(3, true), await run(3, false)];
    const [one, hot, apart] = first.map((a, i) => mean(a, second[i] as Figures)) as [Figures, Figures, Figures];
    tell(report, 'one worker', one, undefined);
    tell(report, 'three workers, all trades of one strategy', hot, one);
    tell(report, 'three workers, a strategy for each shard', apart, one);
  } finally {
    await pool.end();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
};

const configOf = ({host, port, user, password}: PostgresServer) =>
  ({host, port, user, password, database: 'trading_system', ssl: false}) as const;

/** Trades a second, and the share of its time that a worker's batch waits for another's row, 0 to 1. */
type Figures = {readonly rate: number; readonly waits: number};

const mean = (a: Figures, b: Figures): Figures => ({rate: (a.rate + b.rate) / 2, waits: (a.waits + b.waits) / 2});

function tell(report: Report, name: string, {rate, waits}: Figures, one: Figures | undefined): void {
  const beside = one && {baseline: one.rate, baselineIs: 'one worker', ratio: rate / one.rate};
  report.row({name: `${EVENTS} trades from ${SHARDS} shards, ${name}`, value: rate, unit: '/s', ...beside});
  report.row({name: `${name}: time in which a batch waits for a row`, value: waits * 100, unit: '%'});
}

type Run = {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly pool: pg.Pool;
  readonly workers: number;
  /** All trades are of one strategy; else each shard's are of their own. */
  readonly hot: boolean;
};

async function measured({postgres, redis, pool, workers, hot}: Run): Promise<Figures> {
  await pool.query(`TRUNCATE analytics.sync_ledger, analytics.sync_pairs, analytics.portfolio_summary,
    analytics.performance_metrics`);
  const bus = new Redis(redis.url);
  await bus.flushall();
  await bus.set(SHARDS_KEY, SHARDS);
  const children = Array.from({length: workers}, (_, i) => {
    const args = ['--mode', 'streams', '--worker', `w${i}`];
    return spawnSync({config: configOf(postgres)}, postgres.port, redis.url, args);
  });
  await waitFor('the workers to have their shares', () => shared(bus, workers), LIMIT_MS);
  await held(pool, () => fill(bus, hot));
  const samples = {all: 0, waiting: 0};
  const done = async (): Promise<boolean> => {
    const {rows} = await pool.query(`SELECT count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS waiting,
        (SELECT coalesce(sum(total_trades), 0) FROM analytics.performance_metrics)::int AS applied
      FROM pg_stat_activity WHERE application_name = 'tradetop sync'`);
    const {waiting, applied} = rows[0];
    if (applied > 0 && applied < EVENTS) {
      samples.all += workers;
      samples.waiting += waiting;
    }
    return applied === EVENTS;
  };
  await waitFor('every trade to be applied', done, LIMIT_MS);
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map(child => child.ended));
  bus.disconnect();
  const {rows} = await pool.query(`SELECT extract(epoch FROM max(applied_at) - min(applied_at))::float AS seconds
    FROM analytics.sync_ledger`);
  return {rate: EVENTS / rows[0].seconds, waits: samples.waiting / Math.max(samples.all, 1)};
}

/** Whether the shards are divided between so many workers. */
async function shared(bus: Redis, workers: number): Promise<boolean> {
  const owners = await bus.mget(streamKeys(SHARDS).map(key => `${key}:owner`));
  const counts = Map.groupBy(owners, owner => owner);
  const share = Math.ceil(owners.length / workers);
  return counts.size === workers && [...counts.values()].every(of => of.length <= share) && !counts.has(null);
}

/** Keeps the workers from applying anything while `use` runs, so that all of them start at the same time. */
async function held(pool: pg.Pool, use: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  await client.query('BEGIN; LOCK TABLE analytics.sync_ledger IN EXCLUSIVE MODE');
  await use();
  await client.query('COMMIT');
  client.release();
}

async function fill(bus: Redis, hot: boolean): Promise<void> {
  const trades = deskTrades(EVENTS, 5, 'c');
  for (let at = 0; at < trades.length; at += 1000) {
    const line = bus.pipeline();
    for (const [i, trade] of trades.slice(at, at + 1000).entries()) {
      const own = {
        ...trade,
        accountId: `ACC-${(at + i) % ACCOUNTS}` as SafeText,
        strategy: 'momentum' as SafeText,
        executedAt: FIRST_AT + (at + i) * 1000,
      };
      const key = streamOf(CHANNEL, tradeMessage(own), SHARDS);
      const event: TradeEvent = hot ? own : {...own, strategy: key as SafeText};
      line.xadd(key, '*', 'channel', CHANNEL, 'event', tradeMessage(event));
    }
    await line.exec();
  }
}
