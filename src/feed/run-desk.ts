import type {Redis} from 'ioredis';
import {controlKind} from '../bus/control.ts';
import {durable} from '../bus/streams.ts';
import {type Subscription, subscribe} from '../bus/subscribe.ts';
import type {Env} from '../core/env.ts';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {openRedis, type RedisClient} from '../io/redis.ts';
import {firstAnswer, unusableRedis} from '../io/redis-answer.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget, RedisTarget} from '../io/targets.ts';
import {poolMetrics, publishMetrics} from '../service/publish-metrics.ts';
import {createServiceLog} from '../service/service-log.ts';
import {createDeskCounters} from './counters.ts';
import {createDeskLock} from './desk-lock.ts';
import {insertReferenceRows, runJobs} from './jobs.ts';
import {openDesk, throwUnusable} from './open-desk.ts';
import {createOutbox} from './outbox.ts';
import {createPermits} from './permits.ts';
import {openServices, SERVICES, type Services} from './services.ts';
import {runTrading} from './trading.ts';
import type {WriteBatch} from './write.ts';

export type DeskOptions = {
  readonly trading: PgTarget;
  readonly redis: RedisTarget;
  readonly sql: SqlLibrary;
  /** Holds the services' passwords: SVC_EXECUTION_PASSWORD and so on. */
  readonly env: Env;
  /** Trades a second. */
  readonly rate: number;
  readonly seed: number;
  /** Whether every message also goes to the stream. Default: no. */
  readonly streams?: boolean;
  /** A symbol of which no prices are sent. */
  readonly without?: string | undefined;
  readonly slowMs: number;
  /** Gets a progress line each second, and failures; nothing is written anywhere else. */
  readonly say: (line: string) => void;
};

export type DeskCounts = {readonly trades: number; readonly published: number; readonly dropped: number};

const REDIS_MS = 5000;
const STOP_MS = 1000;
const PUBLISH_MS = 1500;

/**
 * Runs the simulated desk until `signal` aborts: it trades, writes and publishes. While PostgreSQL or Redis is away it
 * waits, and continues when both are back. Throws a UserError when it cannot begin.
 */
export async function runDesk(options: DeskOptions, signal: AbortSignal): Promise<DeskCounts> {
  const services = openServices(options.trading, options.sql, options.env, options.slowMs);
  const redis = openRedis(options.redis, {name: 'tradetop feed', offline: 'fail'});
  const lock = createDeskLock(services.execution.pg);
  try {
    await Promise.all([
      firstAnswer(redis, {limitMs: REDIS_MS, retries: true}).catch((error: unknown) => {
        throw unusableRedis(options.redis, error);
      }),
      lock.take().catch(error => throwUnusable(error, services.execution)),
    ]);
    await insertReferenceRows(services).catch(error => throwUnusable(error, services.strategy_engine));
    await services.connect();
    return await operate(options, services, redis, signal);
  } finally {
    redis.disconnect();
    lock.close();
    await services.close();
  }
}

async function operate(
  {seed, rate, streams = false, without, say, redis: target}: DeskOptions,
  services: Services,
  redis: RedisClient,
  signal: AbortSignal,
): Promise<DeskCounts> {
  const onFailure = createFailureReporter(say);
  const permits = createPermits(services.strategy_engine, onFailure);
  await permits.read();
  const {desk, older} = await openDesk(services, seed, permits);
  const outbox = createOutbox(streams ? durable(redis as Redis) : redis);
  const counters = createDeskCounters();
  const log = createServiceLog(services.logging.pg.pool, {
    service: 'logging',
    onError: error => onFailure('logging', error),
  });
  let trades = 0;
  const onBatch = (batch: WriteBatch): void => {
    trades += batch.trades.length;
    counters.add(batch);
    const [trade] = batch.trades;
    if (!trade) return;
    const what = {service: 'execution', event_type: 'trade_executed', correlation_id: trade.tradeId};
    log.logger.info(what, `${trade.side} ${trade.symbol}`);
  };
  const trading = {desk, execution: services.execution, outbox, rate, seed, onBatch, onFailure};
  const jobs = {desk, older, services, permits, outbox, log: log.logger, counters, seed, without, onFailure};
  const working = Promise.all([runTrading(trading, signal), runJobs(jobs, signal)]);
  const hearing = hearControl(target, permits.read);
  const published = SERVICES.map(name =>
    publishMetrics(redis, {service: name, pools: () => [poolMetrics(name, services[name].pg.counts())]}),
  );
  const progress = setInterval(() => say(`${trades} trades, ${JSON.stringify(outbox.counts())}`), 1000);
  // The outbox stops after those who put into it, so that what was committed last is published too.
  const over = new AbortController();
  const publishing = outbox.run(over.signal, PUBLISH_MS);
  await untilStopped(working, signal);
  hearing.close();
  over.abort();
  await Promise.all([publishing, log.close(PUBLISH_MS), ...published.map(({close}) => close())]);
  clearInterval(progress);
  return {trades, published: outbox.counts().published, dropped: outbox.counts().dropped};
}

// Whatever an operator says of a strategy, its row is what counts.
const hearControl = (redis: RedisTarget, read: () => Promise<void>): Subscription =>
  subscribe(redis, {
    name: 'tradetop feed control',
    kinds: [controlKind],
    unknown: false,
    onControl: () => void read(),
    onEvent: () => {},
    onReject: () => {},
    onLink: () => {},
  });

// Statements that still run on a server that does not answer end with their pool.
async function untilStopped(working: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const late = new Promise<void>(resolve =>
    signal.addEventListener('abort', () => setTimeout(resolve, STOP_MS).unref(), {once: true}),
  );
  await Promise.race([working, late]);
}

// Reports the same failure once in ten seconds.
function createFailureReporter(say: DeskOptions['say']): (what: string, error: unknown) => void {
  const reported = new Map<string, number>();
  return (what, error) => {
    const line = `${what}: ${sanitise(failureOf(error).message, 300)}`;
    const now = performance.now();
    if (now - (reported.get(line) ?? Number.NEGATIVE_INFINITY) < 10_000) return;
    if (reported.size > 100) reported.clear();
    reported.set(line, now);
    say(line);
  };
}
