import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import {type Bar, createBars} from './bars.ts';
import type {Tallies} from './counters.ts';
import type {Desk} from './desk.ts';
import {digitsOf, times} from './fixed.ts';
import type {Journal} from './journal.ts';
import type {Order} from './orders.ts';
import {barMessages, type Outbox} from './outbox.ts';
import {createRandom, type Random} from './random.ts';
import {SERVICES, type Services} from './services.ts';
import {ACCOUNTS, STRATEGIES, SYMBOLS} from './universe.ts';
import {columnsOf, writeBars} from './write.ts';

/** What the services do beside trading, each in its own time. */
export type Office = {
  readonly desk: Desk;
  /** Bars of the past that are still to be written, oldest first. */
  readonly older: readonly Bar[];
  readonly services: Services;
  readonly outbox: Outbox;
  readonly journal: Journal;
  readonly tallies: Tallies;
  readonly seed: number;
  readonly onFailure: (what: string, error: unknown) => void;
};

type Clerk = {
  readonly name: string;
  /** Milliseconds until the next time. */
  readonly every: () => number;
  readonly work: () => Promise<void>;
};

/** Runs all clerks until `signal` says stop. One that fails says so and goes on at its next time. */
export async function runClerks(office: Office, signal: AbortSignal): Promise<void> {
  await Promise.all(clerks(office).map(clerk => runClerk(clerk, office.onFailure, signal)));
}

async function runClerk(
  {name, every, work}: Clerk,
  onFailure: Office['onFailure'],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await delay(every(), undefined, {signal}).catch(() => {});
    if (signal.aborted) return;
    await work().catch(error => onFailure(name, error));
  }
}

function clerks(office: Office): readonly Clerk[] {
  const random = createRandom(office.seed, 'clerks');
  const {services, tallies} = office;
  return [
    {name: 'data_ingestion', every: () => 1000, work: ingest(office)},
    catchUp(office),
    {name: 'strategy_engine', every: () => 2000, work: () => strategise(office)},
    {name: 'risk_management', every: () => 3000, work: () => watchRisk(office)},
    {name: 'logging', every: () => 2000, work: () => writeJournal(office)},
    {name: 'analytics', every: () => 2000, work: async () => void (await services.analytics.run('feed/turnover'))},
    {
      name: 'analytics',
      every: afterFirst(6000, () => 35_000 + 20_000 * random.next()),
      work: () => report(office, random),
    },
    {name: 'logging', every: () => 10_000, work: () => writePerformance(office)},
    {
      name: 'execution',
      every: afterFirst(20_000, () => 60_000 + 60_000 * random.next()),
      work: () => refuse(office, random),
    },
    {
      name: 'strategy_engine',
      every: () => 15_000,
      work: () => tallies.day(rows => services.strategy_engine.run('feed/strategy_performance', rows)),
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

/** What must be there before anything refers to it. */
export async function furnish({strategy_engine, risk_management}: Services): Promise<void> {
  await strategy_engine.run('feed/strategies', columnsOf(STRATEGIES, [s => s.name, s => s.description]));
  await risk_management.run('feed/risk_limits', [ACCOUNTS]);
}

// Bars that could not be written wait for the next time; a later look at the same minute replaces them.
function ingest({desk, services, outbox, seed}: Office): () => Promise<void> {
  const bars = createBars(desk.market, createRandom(seed, 'volumes'));
  const owed = new Map<string, Bar>();
  return async () => {
    for (const bar of bars.look(nowMicros())) owed.set(`${bar.symbol} ${bar.at}`, bar);
    const now = [...owed.values()];
    if (now.length === 0) return;
    await writeBars(services.data_ingestion, now);
    outbox.put(barMessages(now, nowMicros()));
    for (const bar of now) if (owed.get(`${bar.symbol} ${bar.at}`) === bar) owed.delete(`${bar.symbol} ${bar.at}`);
  };
}

// The past comes in pieces, the newest first, so that the present need not wait for it.
function catchUp({older, services}: Office): Clerk {
  let left = older.length;
  return {
    name: 'data_ingestion',
    every: () => (left > 0 ? 250 : NEVER_MS),
    work: async () => {
      const from = Math.max(0, left - OLDER_AT_ONCE);
      await writeBars(services.data_ingestion, older.slice(from, left));
      left = from;
    },
  };
}

const NEVER_MS = 2 ** 31 - 1;
const OLDER_AT_ONCE = 1500;

async function strategise({services, tallies, seed}: Office): Promise<void> {
  await tallies.signals(async orders => {
    const random = createRandom(seed, `strength ${orders[0]?.orderId}`);
    const rows = columnsOf<Order>(orders, [
      o => o.strategy,
      o => o.symbol,
      o => o.side,
      () => random.next().toFixed(6),
      o => digitsOf(o.price ?? o.stopPrice ?? 0n).replace(/^0\.0000$/, '') || null,
      o => digitsOf(o.quantity),
      o => o.orderId,
      o => isoMicros(o.createdAt),
    ]);
    await services.strategy_engine.run('feed/signals', rows);
  });
}

async function watchRisk({desk, services, tallies, journal}: Office): Promise<void> {
  await services.risk_management.run('feed/exposure');
  await tallies.rejections(async orders => {
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
    for (const order of orders)
      journal.add('risk_management', 'WARNING', 'order_rejected', message(order), order.orderId);
    const told = columnsOf<Order>(orders, [() => 'order_rejected', () => 'warning', message, o => o.orderId]);
    await services.notification.run('feed/notifications', told);
  });
}

async function writeJournal({services, journal}: Office): Promise<void> {
  await journal.flush(rows => services.logging.run('feed/system_logs', rows));
}

// A slow report, on a connection of its own: trades go on.
async function report({services, journal}: Office, random: Random): Promise<void> {
  const seconds = 1.1 + 1.6 * random.next();
  const start = performance.now();
  await services.analytics.run('feed/report', [seconds.toFixed(3)]);
  const took = ((performance.now() - start) / 1000).toFixed(2);
  journal.add('analytics', 'WARNING', 'slow_query', `The account report took ${took} s.`);
}

// A statement that the server refuses, as a service with a bug would send it: its error is the desk's log entry.
async function refuse({services, journal, seed}: Office, random: Random): Promise<void> {
  try {
    await services.execution.run('feed/refused_order', [`O-${seed}-refused`, random.pick(SYMBOLS)]);
  } catch (error) {
    const {message, sqlstate} = failureOf(error);
    if (sqlstate !== '23514') throw error;
    journal.add('execution', 'ERROR', 'statement_refused', `${sqlstate}: ${sanitise(message, 300)}`);
  }
}

async function writePerformance({services}: Office): Promise<void> {
  const rows = SERVICES.flatMap(name => services[name].performance().map(p => ({name, ...p})));
  if (rows.length === 0) return;
  const values = columnsOf(rows, [
    r => r.name,
    r => r.operation,
    r => r.ms.toFixed(3),
    r => (r.ms / 1000 / r.queries).toFixed(6),
    r => r.queries,
    r => r.slow,
  ]);
  await services.logging.run('feed/performance_logs', values);
}
