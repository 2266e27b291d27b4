import {digitsOf, type Fixed} from './fixed.ts';
import type {Order} from './orders.ts';
import {STRATEGIES} from './universe.ts';
import {columnsOf, type WriteBatch} from './write.ts';

type Day = {signals: number; trades: number; won: number; pnl: Fixed};

/** What other services are to learn of the trades that were committed; kept until they have written it. */
export type Tallies = {
  readonly add: (batch: WriteBatch) => void;
  readonly signals: (write: (orders: readonly Order[]) => Promise<unknown>) => Promise<void>;
  readonly rejections: (write: (orders: readonly Order[]) => Promise<unknown>) => Promise<void>;
  readonly day: (write: (columns: readonly unknown[]) => Promise<unknown>) => Promise<void>;
};

// Of what is told a few examples are enough while a writer is away, or the desk trades thousands a second.
const MOST = 200;

export function createTallies(): Tallies {
  const signals = createShelf();
  const rejections = createShelf();
  const days = new Map<string, Day>(STRATEGIES.map(({name}) => [name, nothing()]));
  return {
    add: ({orders, trades}) => {
      signals.put(orders.filter(order => order.createdAt === order.updatedAt && order.status !== 'rejected'));
      rejections.put(orders.filter(order => order.status === 'rejected'));
      for (const order of orders) if (order.createdAt === order.updatedAt) dayOf(days, order.strategy).signals++;
      for (const trade of trades) {
        const day = dayOf(days, trade.strategy);
        day.trades++;
        day.won += trade.realizedPnl > 0n ? 1 : 0;
        day.pnl += trade.realizedPnl;
      }
    },
    signals: signals.take,
    rejections: rejections.take,
    day: async write => {
      const rows = [...days].filter(([, day]) => day.signals + day.trades > 0);
      if (rows.length === 0) return;
      for (const [name] of rows) days.set(name, nothing());
      try {
        await write(
          columnsOf(rows, [
            ([name]) => name,
            ([, day]) => day.signals,
            ([, day]) => day.trades,
            ([, day]) => day.won,
            ([, day]) => digitsOf(day.pnl),
          ]),
        );
      } catch (error) {
        for (const [name, day] of rows) addDay(dayOf(days, name), day);
        throw error;
      }
    },
  };
}

const nothing = (): Day => ({signals: 0, trades: 0, won: 0, pnl: 0n});

function dayOf(days: Map<string, Day>, name: string): Day {
  const day = days.get(name) ?? nothing();
  days.set(name, day);
  return day;
}

function addDay(day: Day, more: Day): void {
  day.signals += more.signals;
  day.trades += more.trades;
  day.won += more.won;
  day.pnl += more.pnl;
}

function createShelf() {
  let orders: readonly Order[] = [];
  return {
    put: (more: readonly Order[]): void => {
      if (more.length > 0) orders = [...orders, ...more].slice(-MOST);
    },
    take: async (write: (orders: readonly Order[]) => Promise<unknown>): Promise<void> => {
      const now = orders;
      if (now.length === 0) return;
      await write(now);
      orders = orders.filter(order => !now.includes(order));
    },
  };
}
