import {setTimeout as delay} from 'node:timers/promises';
import type {Logger} from 'pino';
import {columnsOf} from '../core/columns.ts';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import {type Bar, createBars} from './bars.ts';
import type {TradeCounters} from './counters.ts';
import type {Desk} from './desk.ts';
import {digitsOf, times} from './fixed.ts';
import {createIngestionStatus, type IngestionStatus} from './ingestion-status.ts';
import type {Order} from './orders.ts';
import {barMessages, type Outbox} from './outbox.ts';
import type {LivePermits} from './permits.ts';
import {createRandom, type Random} from './random.ts';
import type {Services} from './services.ts';
import {writeSignals} from './signals.ts';
import {ACCOUNTS, STRATEGIES, SYMBOLS} from './universe.ts';
import {writeBars} from './write.ts';

/** What the periodic jobs of the services work with. */
type JobDeps = {
  readonly desk: Desk;
  /** Bars of the past that are still to be written, oldest first. */
  readonly older: readonly Bar[];
  readonly services: Services;
  readonly permits: LivePermits;
  readonly outbox: Outbox;
  /** Of all services: a line names the one that it is of. */
  readonly log: Logger;
  readonly counters: TradeCounters;
  readonly seed: number;
  /** A symbol of which no prices are sent. */
  readonly without: string | undefined;
  readonly onFailure: (what: string, error: unknown) => void;
};

type Job = {
  /** The service that it belongs to. */
  readonly name: string;
  /** Milliseconds until the next run. */
  readonly every: () => number;
  readonly run: () => Promise<void>;
};

/**
 * Runs what the services do beside trading, each job at its own interval, until `signal` aborts. A failed run is
 * reported, and the job continues at its next interval.
 */
export async function runJobs(deps: JobDeps, signal: AbortSignal): Promise<void> {
  await Promise.all(jobsOf(deps).map(job => runJob(job, deps.onFailure, signal)));
}

async function runJob({name, every, run}: Job, onFailure: JobDeps['onFailure'], signal: AbortSignal): Promise<void> {
  for (;;) {
    await delay(every(), undefined, {signal}).catch(() => {});
    if (signal.aborted) return;
    await run().catch(error => onFailure(name, error));
  }
}

function jobsOf(deps: JobDeps): readonly Job[] {
  const random = createRandom(deps.seed, 'jobs');
  const {services, counters, permits} = deps;
  const status = createIngestionStatus();
  return [
    {name: 'data_ingestion', every: () => 1000, run: writeCurrentBars(deps, status)},
    {name: 'data_ingestion', every: () => 2000, run: () => writeStatus(deps, status)},
    backfill(deps),
    {name: 'strategy_engine', every: () => 2000, run: () => sendSignals(deps)},
    // An event that says so may be lost.
    {name: 'strategy_engine', every: () => 5000, run: permits.read},
    {name: 'risk_management', every: () => 3000, run: () => writeRiskEvents(deps)},
    {name: 'analytics', every: () => 2000, run: async () => void (await services.analytics.run('feed/turnover'))},
    {
      name: 'analytics',
      every: afterFirst(6000, () => 35_000 + 20_000 * random.next()),
      run: () => runSlowReport(deps, random),
    },
    {
      name: 'execution',
      every: afterFirst(20_000, () => 60_000 + 60_000 * random.next()),
      run: () => sendRefusedOrder(deps, random),
    },
    {
      name: 'strategy_engine',
      every: () => 15_000,
      run: () => counters.day(rows => services.strategy_engine.run('feed/strategy_performance', rows)),
    },
  ];
}

function afterFirst(first: number, then: () => number): () => number {
  let begun = false;
  return () => {
    const ms = begun ? then() : first;
    begun = true;
    return ms;
  };
}

/** The symbols with a limit of their own, and the limits: money of an account, shares of a symbol. */
const LIMITED = SYMBOLS.slice(0, 3);
const [MOST_VALUE, MOST_SHARES] = [1_800_000, 250_000];

/** Inserts the rows that all others refer to: strategies, risk limits and position limits. */
export async function insertReferenceRows({strategy_engine, risk_management}: Services): Promise<void> {
  await strategy_engine.run('feed/strategies', columnsOf(STRATEGIES, [s => s.name, s => s.description]));
  await risk_management.run('feed/risk_limits', [ACCOUNTS, STRATEGIES.map(s => s.name)]);
  await risk_management.run('feed/position_limits', [ACCOUNTS, LIMITED, MOST_VALUE, MOST_SHARES]);
}

// Bars that could not be written are tried again at the next run; a later state of the same minute replaces them.
function writeCurrentBars(
  {desk, services, outbox, seed, without}: JobDeps,
  status: IngestionStatus,
): () => Promise<void> {
  const bars = createBars(desk.market, createRandom(seed, 'volumes'));
  const unwritten = new Map<string, Bar>();
  const keyOf = (bar: Bar): string => `${bar.symbol} ${bar.at}`;
  return async () => {
    for (const bar of bars.update(nowMicros())) if (bar.symbol !== without) unwritten.set(keyOf(bar), bar);
    const now = [...unwritten.values()];
    if (now.length === 0) return;
    await writeBars(services.data_ingestion, now).catch(error => {
      status.failed(error);
      throw error;
    });
    status.wrote(now);
    outbox.put(barMessages(now, nowMicros()));
    for (const bar of now) if (unwritten.get(keyOf(bar)) === bar) unwritten.delete(keyOf(bar));
  };
}

async function writeStatus({services}: JobDeps, status: IngestionStatus): Promise<void> {
  await services.data_ingestion.run('feed/ingestion_status', status.params());
}

// The past is written in pieces, the newest first, so that the present need not wait for it.
function backfill({older, services}: JobDeps): Job {
  let left = older.length;
  return {
    name: 'data_ingestion',
    every: () => (left > 0 ? 250 : NEVER_MS),
    run: async () => {
      const from = Math.max(0, left - BACKFILL_BARS);
      await writeBars(services.data_ingestion, older.slice(from, left));
      left = from;
    },
  };
}

const NEVER_MS = 2 ** 31 - 1;
const BACKFILL_BARS = 1500;

const sendSignals = ({services, counters, seed}: JobDeps): Promise<void> =>
  counters.signals(orders => writeSignals(services.strategy_engine, orders, seed));

async function writeRiskEvents({desk, services, counters, log}: JobDeps): Promise<void> {
  await services.risk_management.run('feed/exposure_events');
  await services.risk_management.run('feed/settle_events');
  await counters.rejections(async orders => {
    const message = (order: Order) => `Order ${order.orderId} rejected: ${order.reason ?? 'no reason given'}.`;
    const rows = columnsOf<Order>(orders, [
      o => o.accountId,
      o => o.strategy,
      o => o.symbol,
      o => digitsOf(times(o.quantity, o.price ?? desk.market.price(o.symbol))),
      message,
      o => o.orderId,
      o => isoMicros(o.updatedAt),
    ]);
    await services.risk_management.run('feed/risk_events', rows);
    for (const order of orders) {
      const what = {service: 'risk_management', event_type: 'order_rejected', correlation_id: order.orderId};
      log.warn(what, message(order));
    }
    const notices = columnsOf<Order>(orders, [() => 'order_rejected', () => 'warning', message, o => o.orderId]);
    await services.notification.run('feed/notifications', notices);
  });
}

// A slow report on a connection of its own, so that trading continues.
async function runSlowReport({services, log}: JobDeps, random: Random): Promise<void> {
  const seconds = 1.1 + 1.6 * random.next();
  const start = performance.now();
  await services.analytics.run('feed/report', [seconds.toFixed(3)]);
  const took = ((performance.now() - start) / 1000).toFixed(2);
  log.warn({service: 'analytics', event_type: 'slow_query'}, `The account report took ${took} s.`);
}

// A statement that the server refuses, as a service with a bug would send it: its error becomes a log entry of the
// desk.
async function sendRefusedOrder({services, log, seed}: JobDeps, random: Random): Promise<void> {
  try {
    await services.execution.run('feed/refused_order', [`O-${seed}-refused`, random.pick(SYMBOLS)]);
  } catch (error) {
    const {message: words, sqlstate} = failureOf(error);
    if (sqlstate !== '23514') throw error;
    log.error({service: 'execution', event_type: 'statement_refused'}, `${sqlstate}: ${sanitise(words, 300)}`);
  }
}
