import type {Redis} from 'ioredis';
import type pg from 'pg';
import {expect} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {STREAM} from '../../../src/bus/streams.ts';
import {dec, to4} from '../../../src/core/decimal.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {SYNC_MS} from '../servers/timers.ts';
import {waitFor} from '../servers/wait.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics, seeded, shuffled, tradeMessage} from './desk-trades.ts';

export type Mode = 'pubsub' | 'streams';

type Step = {
  /** Every event twice, in random order. */
  readonly twice?: boolean;
  /** Publishes nothing, as if no subscriber had received it. */
  readonly unheard?: boolean;
};

/** A running desk: trades, positions and prices, written to the tables and then published. */
export type DeskFlow = {
  /** Makes that many trades, with their positions and prices. */
  readonly step: (trades: number, how?: Step) => Promise<void>;
  /** Waits until analytics, the view of positions and the marks agree with the desk, with each event counted once. */
  readonly synced: () => Promise<void>;
  /** Rebuilds analytics and expects no difference, to the last digit. */
  readonly rebuilt: (db: Pg) => Promise<void>;
};

type Message = readonly [channel: string, text: string];
type Held = {readonly quantity: string; readonly average: string};

/** Starts a desk on a database that was just set up. The same seed gives the same trades. */
export function startFlow({
  pool,
  bus,
  mode,
  seed = 1,
}: {
  pool: pg.Pool;
  bus: Redis;
  mode: Mode;
  seed?: number;
}): DeskFlow {
  const trades = deskTrades(5000, seed);
  const random = seeded(seed);
  const money = (most: number): string => to4(dec(Math.floor(random() * most * 10_000) + 1).div(10_000));
  const positions = new Map<string, Held>();
  const prices = new Map<string, string>();
  let at = 0;

  const hold = async ({accountId, symbol}: TradeEvent): Promise<Message> => {
    const held = {quantity: money(9000), average: money(900)};
    positions.set(`${accountId} ${symbol}`, held);
    const {rows} = await pool.query(
      `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price, last_updated)
       VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT (account_id, symbol) DO UPDATE
       SET quantity = excluded.quantity, avg_price = excluded.avg_price, last_updated = excluded.last_updated
       RETURNING to_char(last_updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at`,
      [accountId, symbol, held.quantity, held.average],
    );
    const data = `{"account_id": "${accountId}", "symbol": "${symbol}", "quantity": ${held.quantity}, "avg_price": "${held.average}", "last_updated": "${rows[0].at}"}`;
    return ['data_sync:positions', envelope('position_updated', 'execution', data, rows[0].at)];
  };
  const quote = async (symbol: string): Promise<Message> => {
    const price = money(900);
    prices.set(symbol, price);
    const {rows} = await pool.query(
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, created_at)
       SELECT $1, t, $2, $2, $2, $2, t FROM (SELECT clock_timestamp() AS t) AS now
       RETURNING to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at`,
      [symbol, price],
    );
    const data = `{"symbol": "${symbol}", "timestamp": "${rows[0].at}", "close": ${price}}`;
    return ['data_sync:market_data', envelope('market_data_updated', 'data_ingestion', data, rows[0].at)];
  };
  const publish = async (messages: readonly Message[]): Promise<void> => {
    const line = bus.pipeline();
    for (const [channel, text] of messages) {
      line.publish(channel, text);
      if (mode === 'streams') line.xadd(STREAM, '*', 'channel', channel, 'event', text);
    }
    await line.exec();
  };
  return {
    step: async (count, {twice = false, unheard = false} = {}) => {
      const some = trades.slice(at, at + count);
      at += count;
      await bookTrades(pool, some);
      const messages: Message[] = some.map(trade => ['data_sync:trades', tradeMessage(trade)]);
      for (const trade of some.slice(0, 3)) messages.push(await hold(trade), await quote(trade.symbol));
      if (!unheard) await publish(twice ? shuffled([...messages, ...messages], random) : messages);
    },
    synced: async () => {
      await waitFor(
        'analytics, positions and marks to agree with the desk',
        async () => {
          expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades.slice(0, at)));
          const expected = valued(positions, prices);
          expect(await valuesIn(pool, 'analytics.portfolio_summary')).toEqual(expected);
          expect(await valuesIn(pool, 'execution.positions')).toEqual(expected);
          return true;
        },
        SYNC_MS,
      );
    },
    rebuilt: async db => {
      const before = await everything(pool);
      expect(await rebuildAnalytics(runnerOf(db))).toMatchObject({
        recovered: 0,
        positions: 0,
        differences: [],
        errors: [],
      });
      expect(await everything(pool)).toEqual(before);
    },
  };
}

const envelope = (type: string, service: string, data: string, at: string): string =>
  `{"type": "${type}", "service": "${service}", "data": ${data}, "timestamp": "${at}"}`;

/** Quantity, average, last price, value and unrealised P&L of each position, calculated without the database. */
function valued(positions: ReadonlyMap<string, Held>, prices: ReadonlyMap<string, string>): readonly string[] {
  return [...positions]
    .map(([key, {quantity, average}]) => {
      const price = prices.get(key.split(' ')[1] as string) as string;
      const value = to4(dec(quantity).times(price));
      return [key, quantity, average, price, value, to4(dec(value).minus(dec(quantity).times(average)))].join(' ');
    })
    .sort();
}

async function valuesIn(pool: pg.Pool, table: string): Promise<readonly string[]> {
  const {rows} = await pool.query(
    `SELECT concat_ws(' ', account_id, symbol, quantity, avg_price, last_price, market_value, unrealized_pnl) AS line
       FROM ${table} WHERE quantity IS NOT NULL`,
  );
  return rows.map(row => row.line).sort();
}

async function everything(pool: pg.Pool) {
  const values = [await valuesIn(pool, 'analytics.portfolio_summary'), await valuesIn(pool, 'execution.positions')];
  return {...(await analyticsOf(pool)), values};
}
