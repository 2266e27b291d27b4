import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {Redis} from 'ioredis';
import pg from 'pg';
import {isoMicros, nowMicros} from '../../src/core/time.ts';
import {type PostgresServer, startPostgres} from '../../src/demo/postgres.ts';
import {type RedisServer, startRedis} from '../../src/demo/redis.ts';
import {openPg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import type {PgTarget} from '../../src/io/targets.ts';
import {setUp} from '../../src/setup/setup.ts';
import {rebuildAnalytics} from '../../src/sync/rebuild.ts';
import {runnerOf} from '../../src/sync/session.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {type FaultProxy, startProxy} from '../helpers/servers/proxy.ts';
import {waitFor} from '../helpers/servers/wait.ts';
import {quantile, rssMib} from './measure.ts';
import type {Bench, Report} from './report.ts';
import {TRADE_ROWS, tradeText} from './synthetic-trades.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const RATE = 5000;
const SECONDS = Number(process.env.TRADETOP_BENCH_OUTAGE_SECONDS ?? 600);
/** Trading time before and after the outage. */
const WARM_SECONDS = Math.min(20, SECONDS / 4);
/** Seconds at the outage's beginning and end over which the memory is compared. */
const SPAN = Math.min(60, SECONDS / 4);
const STEP_MS = 100;

/**
 * The synchroniser while its PostgreSQL refuses connections and the desk makes 5,000 trades a second, each committed
 * before it is published: its memory at the outage's end and beginning, and whether it recovers every trade afterwards.
 */
export const bench: Bench = async report => {
  const [postgres, redis] = await Promise.all([startPostgres({}), startRedis({})]);
  const proxy = await startProxy(postgres);
  const service = await startService(postgres, redis, proxy);
  try {
    await outage(postgres, redis, proxy, service, report);
    const ended = once(service, 'exit');
    service.kill('SIGTERM');
    const [code] = await ended;
    report.log(`the service ended with ${code}`);
  } finally {
    service.kill('SIGKILL');
    await proxy.close();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
};

const tradingOf = (server: PostgresServer): PgTarget => targetOf({...server, database: 'trading_system'});

async function startService(postgres: PostgresServer, redis: RedisServer, proxy: FaultProxy): Promise<ChildProcess> {
  await setUp({trading: tradingOf(postgres), prefect: {database: 'prefect', owner: 'prefect'}, sql: loadSql()});
  const env = {
    POSTGRES_HOST: proxy.host,
    POSTGRES_PORT: String(proxy.port),
    TRADING_DB_USER: postgres.user,
    TRADING_DB_PASSWORD: postgres.password,
    REDIS_URL: redis.url,
  };
  const {PATH, HOME} = process.env;
  // As the systemd unit in the README starts it.
  return spawn(process.execPath, ['--max-semi-space-size=16', program, 'sync'], {
    env: {PATH, HOME, ...env},
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

async function outage(
  postgres: PostgresServer,
  redis: RedisServer,
  proxy: FaultProxy,
  service: ChildProcess,
  {row, log}: Report,
): Promise<void> {
  const db = new pg.Client({...tradingOf(postgres), password: postgres.password, ssl: false});
  await db.connect();
  const count = async (sql: string): Promise<number> => Number((await db.query(sql)).rows[0].n);
  await waitFor('the first gap to be filled', async () => (await count(FILLED)) > 0, 60_000);
  const desk = startDesk(db, redis);
  await seconds(WARM_SECONDS);
  log(`PostgreSQL refuses connections for ${SECONDS} s`);
  await proxy.set('refuse');
  const memory: number[] = [];
  for (let s = 0; s < SECONDS; s++) {
    await seconds(1);
    memory.push(rssMib(service.pid as number));
  }
  await proxy.set('pass');
  const restored = performance.now();
  await seconds(WARM_SECONDS);
  const published = await desk.stop();
  await waitFor('every trade to be in the ledger', async () => (await count(LACKING)) === 0, 900_000);
  const recovered = (performance.now() - restored) / 1000;
  const [early, late] = [quantile(memory.slice(0, SPAN), 0.5), quantile(memory.slice(-SPAN), 0.5)];
  row({
    name: `memory of the synchroniser at the end of ${SECONDS} s without PostgreSQL`,
    value: late,
    unit: 'MiB',
    baseline: early,
    baselineIs: 'at the beginning of the outage',
    ratio: late / early,
    aim: '≤ 1.1×',
    met: late / early <= 1.1,
  });
  row({name: 'time until everything is recovered', value: recovered, unit: 's'});
  const wrong = await differences(postgres);
  const ledger = await count('SELECT count(*) AS n FROM analytics.sync_ledger');
  row({
    name: `trades in the ledger (${wrong} figures differ from a rebuild)`,
    value: ledger,
    unit: '',
    baseline: published,
    baselineIs: 'published',
    ratio: ledger / published,
    aim: 'all, none differs',
    met: ledger === published && wrong === 0,
  });
  await db.end();
}

const FILLED = `SELECT count(*) AS n FROM analytics.sync_gaps WHERE filled_at IS NOT NULL`;
const LACKING = `SELECT (SELECT count(*) FROM analytics.sync_gaps WHERE filled_at IS NULL)
  + (SELECT count(*) FROM execution.trades AS t
      WHERE NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)) AS n`;

/** Commits every 100 ms the trades that are due by then, and publishes them. */
function startDesk(db: pg.Client, redis: RedisServer): {readonly stop: () => Promise<number>} {
  const bus = new Redis(redis.url);
  const start = performance.now();
  let [sent, stopping] = [0, false];
  const run = async (): Promise<number> => {
    while (!stopping) {
      const due = Math.floor(((performance.now() - start) * RATE) / 1000);
      const at = isoMicros(nowMicros());
      await db.query(TRADE_ROWS, ['outage-', sent, due - 1, at]);
      const line = bus.pipeline();
      for (; sent < due; sent++) line.publish('data_sync:trades', tradeText('outage-', sent, at.slice(0, -1)));
      await line.exec();
      await seconds(STEP_MS / 1000);
    }
    bus.disconnect();
    return sent;
  };
  const running = run();
  return {
    stop: () => {
      stopping = true;
      return running;
    },
  };
}

async function differences(postgres: PostgresServer): Promise<number> {
  const db = openPg(tradingOf(postgres), loadSql(), {name: 'bench', max: 1, statementMs: 600_000, lockMs: 10_000});
  const rebuilt = await rebuildAnalytics(runnerOf(db, 610_000));
  await db.close();
  return rebuilt.differences.length + rebuilt.recovered + rebuilt.errors.length;
}

const seconds = (s: number): Promise<void> => new Promise(resolve => setTimeout(resolve, s * 1000));
