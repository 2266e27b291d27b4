import {columnsOf} from '../core/columns.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import {digitsOf, type Fixed} from './fixed.ts';
import type {Order} from './orders.ts';
import type {WriteBatch} from './write.ts';

type Day = {readonly strategy: string; readonly date: string; signals: number; trades: number; won: number; pnl: Fixed};

/** What other services write about the committed trades. Everything is kept until `write` has resolved. */
export type TradeCounters = {
  readonly add: (batch: WriteBatch) => void;
  /** New orders, for the strategy engine's signals. */
  readonly signals: (write: (orders: readonly Order[]) => Promise<unknown>) => Promise<void>;
  /** Rejected orders, for risk management. */
  readonly rejections: (write: (orders: readonly Order[]) => Promise<unknown>) => Promise<void>;
  /** What the strategies' days grew by, as columns: a trade is of the UTC day of its execution, a signal of its order's. */
  readonly day: (write: (columns: readonly unknown[]) => Promise<unknown>) => Promise<void>;
};

// While a writer is away, or the desk trades thousands a second, some examples of the orders are enough.
const BACKLOG_LIMIT = 200;

export function createDeskCounters(): TradeCounters {
  const signals = createBacklog();
  const rejections = createBacklog();
  const days = new Map<string, Day>();
  return {
    add: ({orders, steps, trades}) => {
      const made = steps.flatMap(({order, before}) => (before === undefined ? [order] : []));
      signals.put(made);
      rejections.put(orders.filter(order => order.status === 'rejected'));
      for (const {strategy, createdAt} of made) dayOf(days, strategy, createdAt).signals++;
      for (const trade of trades) {
        const day = dayOf(days, trade.strategy, trade.executedAt);
        day.trades++;
        day.won += trade.realizedPnl > 0n ? 1 : 0;
        day.pnl += trade.realizedPnl;
      }
    },
    signals: signals.take,
    rejections: rejections.take,
    day: async write => {
      const rows = [...days.values()];
      if (rows.length === 0) return;
      days.clear();
      try {
        await write(
          columnsOf(rows, [
            day => day.strategy,
            day => day.date,
            day => day.signals,
            day => day.trades,
            day => day.won,
            day => digitsOf(day.pnl),
          ]),
        );
      } catch (error) {
        for (const day of rows) addDay(dayFor(days, day.strategy, day.date), day);
        throw error;
      }
    },
  };
}

const dayOf = (days: Map<string, Day>, strategy: string, at: Micros): Day =>
  dayFor(days, strategy, isoMicros(at).slice(0, 10));

function dayFor(days: Map<string, Day>, strategy: string, date: string): Day {
  const key = `${date} ${strategy}`;
  const day = days.get(key) ?? {strategy, date, signals: 0, trades: 0, won: 0, pnl: 0n};
  days.set(key, day);
  return day;
}

function addDay(day: Day, more: Day): void {
  day.signals += more.signals;
  day.trades += more.trades;
  day.won += more.won;
  day.pnl += more.pnl;
}

function createBacklog() {
  let orders: readonly Order[] = [];
  return {
    put: (more: readonly Order[]): void => {
      if (more.length > 0) orders = [...orders, ...more].slice(-BACKLOG_LIMIT);
    },
    take: async (write: (orders: readonly Order[]) => Promise<unknown>): Promise<void> => {
      const waiting = orders;
      if (waiting.length === 0) return;
      await write(waiting);
      orders = orders.filter(order => !waiting.includes(order));
    },
  };
}
