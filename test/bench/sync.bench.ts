import {Worker} from 'node:worker_threads';
import {Redis} from 'ioredis';
import {subscribe} from '../../src/bus/subscribe.ts';
import {type PostgresServer, startPostgres} from '../../src/demo/postgres.ts';
import {type RedisServer, startRedis} from '../../src/demo/redis.ts';
import {openPg} from '../../src/io/pg.ts';
import {parseRedisUrl} from '../../src/io/redis-url.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {batchOf} from '../../src/sync/batch.ts';
import {createSyncCounters} from '../../src/sync/counters.ts';
import {applyIsolated} from '../../src/sync/isolate.ts';
import {startSync} from '../../src/sync/service.ts';
import {syncEventOf} from '../../src/sync/sync-event.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {deskTrades, tradeEvent, tradeMessage} from '../helpers/desk/desk-trades.ts';
import {waitFor} from '../helpers/servers/wait.ts';
import {quantile} from './measure.ts';
import type {Bench, Report} from './report.ts';
import {reviewBaseline} from './review-design.ts';
import {slotSource} from './slot-source.ts';

const EVENTS = Number(process.env.TRADETOP_BENCH_EVENTS ?? 60_000);
const BATCH = 2000;
const DAY = Date.UTC(2026, 10, 20) * 1000;
const LAG_SECONDS = 10;
const LAG_RATE = 1000;

/** The synchroniser on its own PostgreSQL, with fsync on, and Redis; each figure beside its baseline. */
export const bench: Bench = async report => {
  const [postgres, redis] = await Promise.all([
    startPostgres({fsync: true}),
    // The publisher does not wait: without this Redis would cut off a subscriber that is slower.
    startRedis({extra: ['client-output-buffer-limit pubsub 0 0 0']}),
  ]);
  try {
    const target = targetOf({...postgres, database: 'trading_system'});
    await setUp({
      trading: target,
      prefect: {database: 'prefect', owner: 'prefect'},
      sql: loadSql(),
      only: ['databases', 'roles', 'tables', 'indexes'],
    });
    await throughput(postgres, target, report);
    await lag(target, redis, report);
    await subscriber(redis, report);
    await slotSource(report);
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
  }
};

type Target = Parameters<typeof openPg>[0];
async function throughput(postgres: PostgresServer, target: Target, report: Report): Promise<void> {
  const db = openPg(target, loadSql(), {name: 'bench', max: 1, statementMs: 60_000, lockMs: 10_000});
  // Ten trades of the desk's a second, so that none lies ahead of the clock, where it would be refused.
  const items = deskTrades(EVENTS, 2, 'b').map((trade, i) =>
    syncEventOf(tradeEvent({...trade, executedAt: DAY + i * 100_000})),
  );
  // Half of the baseline before and half after, so that other load on the machine slows both.
  const before = await reviewBaseline(postgres, 3);
  const start = performance.now();
  for (let at = 0; at < items.length; at += BATCH) await applyIsolated(db, batchOf(items.slice(at, at + BATCH)));
  const rate = (items.length / (performance.now() - start)) * 1000;
  await db.pool.query('DROP SCHEMA review CASCADE');
  const after = await reviewBaseline(postgres, 3);
  await db.close();
  const baseline = (before + after) / 2;
  const ratio = rate / baseline;
  report.row({
    name: 'trades into analytics, fsync on',
    value: rate,
    unit: '/s',
    baseline,
    baselineIs: 'two upserts and a commit for each event',
    ratio,
    aim: '≥ 20×',
    met: ratio >= 20,
  });
}

async function lag(target: Target, redis: RedisServer, report: Report): Promise<void> {
  const lags: number[] = [];
  const silent = {info: () => {}, warn: () => {}, error: () => {}};
  const service = startSync({
    trading: target,
    redis: parseRedisUrl(redis.url),
    sql: loadSql(),
    log: silent,
    worker: 'bench',
    onCommit: ({commitLagsMs}) => lags.push(...commitLagsMs),
  });
  await waitFor(
    'the service to be well',
    () => service.trouble() === undefined && service.stats().gaps.filled > 0,
    30_000,
  );
  const bus = new Redis(redis.url);
  const trades = deskTrades(LAG_RATE * LAG_SECONDS, 3, 'l');
  // Publishes every 10 ms what is due by then; each message carries its own time of publication.
  const start = performance.now();
  for (let sent = 0; sent < trades.length; ) {
    const due = Math.min(Math.floor((performance.now() - start) * (LAG_RATE / 1000)), trades.length);
    while (sent < due) void bus.publish('data_sync:trades', tradeMessage(trades[sent++] as (typeof trades)[number]));
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await waitFor('every trade to be committed', () => service.stats().applied.trades === trades.length, 30_000);
  bus.disconnect();
  await service.stop();
  for (const [name, value, limit] of [
    ['median', quantile(lags, 0.5), 50],
    ['99th percentile', quantile(lags, 0.99), 250],
  ] as const) {
    report.row({
      name: `publish → committed at ${LAG_RATE} trades/s, ${name}`,
      value,
      unit: 'ms',
      aim: `< ${limit} ms`,
      met: value < limit,
    });
  }
}

const MESSAGES = 100_000;

// Publishes from its own thread, as fast as Redis takes the messages.
const PUBLISHER = `
  const {workerData, parentPort} = require('node:worker_threads');
  const {Redis} = require('ioredis');
  const bus = new Redis(workerData.url);
  (async () => {
    for (let sent = 0; sent < workerData.count; sent += 500) {
      const line = bus.pipeline();
      for (let i = 0; i < 500; i++) line.publish('data_sync:trades', workerData.messages[(sent + i) % workerData.messages.length]);
      await line.exec();
    }
    bus.disconnect();
    parentPort.postMessage('done');
  })();`;

async function received(redis: RedisServer, messages: readonly string[], count: () => number): Promise<number> {
  const start = performance.now();
  const publisher = new Worker(PUBLISHER, {eval: true, workerData: {url: redis.url, count: MESSAGES, messages}});
  await waitFor('every message to be received', () => count() >= MESSAGES, 120_000);
  const rate = (MESSAGES / (performance.now() - start)) * 1000;
  await publisher.terminate();
  return rate;
}

async function subscriber(redis: RedisServer, report: Report): Promise<void> {
  const messages = deskTrades(1000, 4, 's').map(tradeMessage);
  const bare = async (): Promise<number> => {
    const client = new Redis(redis.url);
    let heard = 0;
    client.on('message', () => heard++);
    await client.subscribe('data_sync:trades');
    const rate = await received(redis, messages, () => heard);
    client.disconnect();
    return rate;
  };
  const ours = async (): Promise<number> => {
    const counters = createSyncCounters();
    let heard = 0;
    let ready = false;
    const subscription = subscribe(parseRedisUrl(redis.url), {
      onEvent: event => {
        counters.event(event);
        heard++;
      },
      onReject: counters.reject,
      onLink: link => {
        ready = link.state === 'ready';
      },
    });
    await waitFor('the subscription', () => ready);
    const rate = await received(redis, messages, () => heard);
    subscription.close();
    return rate;
  };
  const [first, value, second] = [await bare(), await ours(), await bare()];
  const baseline = (first + second) / 2;
  const ratio = value / baseline;
  report.row({
    name: 'messages received, decoded and counted',
    value,
    unit: '/s',
    baseline,
    baselineIs: 'a bare ioredis subscriber that counts',
    ratio,
    aim: '≥ 0.6×',
    met: ratio >= 0.6,
  });
}
