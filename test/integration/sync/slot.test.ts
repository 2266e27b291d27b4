import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Micros} from '../../../src/core/time.ts';
import {oldBinDirs} from '../../helpers/desk/acting.ts';
import {booksOf, modelBooks, modelEntries} from '../../helpers/desk/books-model.ts';
import {keepOpen} from '../../helpers/desk/closings.ts';
import {bookTrades, deskTrades, reckoned} from '../../helpers/desk/desk-trades.ts';
import {life, lived} from '../../helpers/desk/lives.ts';
import {slotRigEachTest} from '../../helpers/desk/slot-rig.ts';
import {applied} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const DAY: Micros = 86_400_000_000;

describe.each([undefined, ...oldBinDirs])('on the PostgreSQL of %s', binDir => {
  const rig = slotRigEachTest({}, binDir === undefined ? {} : {binDir});

  test('counts the trades that were there before, by a gap, and those that come, by the slot', async () => {
    const trades = deskTrades(300);
    await bookTrades(rig.pool, trades.slice(0, 100));
    const changed = new Set<string>();
    const service = rig.start({onChanged: ({accounts}) => accounts.forEach(account => void changed.add(account))});
    await rig.reading(service);
    await rig.synced(trades.slice(0, 100));
    changed.clear();
    await bookTrades(rig.pool, trades.slice(100));
    await rig.synced(trades);
    await applied(service, {trades: 200});
    // Changes of the WAL name no account: what is cached of these goes by what was settled.
    expect([...changed].toSorted()).toEqual([...new Set(trades.slice(100).map(t => String(t.accountId)))].toSorted());
    expect(await rig.value(`SELECT string_agg(reason, ' ') FROM analytics.sync_gaps`)).toBe('first_start');
  });

  test('corrected, renamed, deleted and late trades, and an order that changes its side', async () => {
    const trades = deskTrades(120).map((trade, i) => (i === 5 ? {...trade, side: 'buy' as const} : trade));
    const service = rig.start();
    await rig.reading(service);
    await bookTrades(rig.pool, trades.slice(0, 100));
    await rig.synced(reckoned(trades.slice(0, 100)));
    await rig.pool.query(`UPDATE execution.trades SET price = 7, quantity = 3 WHERE trade_id = 't3'`);
    await rig.pool.query(`UPDATE execution.trades SET trade_id = 'renamed' WHERE trade_id = 't4'`);
    await rig.pool.query(`UPDATE execution.orders SET side = 'sell' WHERE order_id = 'o-t5'`);
    await rig.pool.query(`DELETE FROM execution.trades WHERE trade_id = 't6'`);
    await bookTrades(rig.pool, trades.slice(100));
    const now = trades
      .filter(trade => trade.tradeId !== 't6')
      .map(trade => {
        if (trade.tradeId === 't3') return {...trade, price: '7', quantity: '3'};
        if (trade.tradeId === 't5') return {...trade, side: 'sell' as const};
        return trade.tradeId === 't4' ? {...trade, tradeId: 'renamed' as typeof trade.tradeId} : trade;
      });
    await rig.synced(reckoned(now));
    expect(await rig.value(`SELECT count(*) FROM analytics.sync_ledger WHERE trade_id IN ('t4', 't6')`)).toBe('0');
    // By the slot alone.
    expect(await rig.value(`SELECT string_agg(reason, ' ') FROM analytics.sync_gaps`)).toBe('first_start');
    await rig.pool.query('TRUNCATE execution.trades');
    await rig.synced([]);
  });

  test('trades that a closing moves into the archives stay as they count, and no gap is seen', async () => {
    const service = rig.start();
    await rig.reading(service);
    // Executed in two months that are over for long; their rows leave execution.trades by DELETE.
    const now = Date.now() * 1000;
    const old = deskTrades(80).map((trade, i) => ({...trade, executedAt: now - (i < 40 ? 200 : 150) * DAY + i}));
    await bookTrades(rig.pool, old);
    await rig.synced(reckoned(old));
    await rig.pool.query(`UPDATE execution.orders SET status = 'filled'`);
    await keepOpen(rig.pool, 3);
    const before = await booksOf(rig.pool);
    const {host, port, user, password} = rig.server;
    const month = new Date((now - 110 * DAY) / 1000).toISOString().slice(0, 7);
    await promisify(execFile)(process.execPath, [CLI, 'maintain', 'close-books', month, '--yes'], {
      env: {
        POSTGRES_HOST: host,
        POSTGRES_PORT: String(port),
        TRADING_DB_NAME: rig.target.database,
        TRADING_DB_USER: user,
        TRADING_DB_PASSWORD: password,
        HOME: '/nonexistent',
      },
    });
    expect(await rig.value('SELECT count(*) FROM execution.trades')).toBe('0');
    expect(await rig.value('SELECT count(*) FROM execution.archived_trades')).toBe('80');
    // What is booked afterwards comes by the slot behind the deletions.
    const last = {...deskTrades(1, 2, 'last')[0], executedAt: now} as (typeof old)[number];
    await bookTrades(rig.pool, [last]);
    const counted = () => rig.value(`SELECT count(*) FROM analytics.sync_ledger WHERE trade_id = 'last0'`);
    await waitFor('the last trade', async () => (await counted()) === '1', SYNC_MS);
    await rig.pool.query(`DELETE FROM execution.trades WHERE trade_id = 'last0'`);
    await waitFor('the last trade to be taken back', async () => (await counted()) === '0', SYNC_MS);
    expect(await booksOf(rig.pool)).toEqual(before);
    expect(await rig.value('SELECT count(*) FROM analytics.sync_quarantine')).toBe('0');
    expect(await rig.value(`SELECT string_agg(reason, ' ') FROM analytics.sync_gaps`)).toBe('first_start');
  });

  test('rows with figures and without, corrected and deleted in any order: the books are those of one pass', async () => {
    const service = rig.start();
    await rig.reading(service);
    const lives = fc.sample(life, {numRuns: 400, seed: 4}).map((spec, i) =>
      lived({...spec, event: {...spec.event, is: 'none'}}, i, {
        pool: rig.pool,
        hear: async () => {},
        settle: async () => {},
      }),
    );
    for (const {run} of lives.flatMap(({ops}) => ops).toSorted((a, b) => a.rank - b.rank)) await run();
    const books = modelBooks(modelEntries(lives.map(({truth}) => truth)));
    const settled = async (): Promise<true> => {
      expect(await booksOf(rig.pool)).toEqual(books);
      return true;
    };
    await waitFor('the books to be those of the model', settled, SYNC_MS);
    expect(await rig.value(`SELECT string_agg(reason, ' ') FROM analytics.sync_gaps`)).toBe('first_start');
  });

  test('positions are as their rows are, and prices those of the newest bar', async () => {
    const service = rig.start();
    await rig.reading(service);
    await rig.pool.query(
      `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'X', 10, 5)`,
    );
    const bar = (time: string, close: number) =>
      rig.pool.query(
        `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
       VALUES ('X', now() + $1::interval, $2, $2, $2, $2)`,
        [time, close],
      );
    await bar('-1 min', 20);
    // A bar of the past, and one of the future, say nothing of the price now.
    await bar('-30 days', 3);
    await bar('70 years', 4);
    const view = () =>
      rig.value(`SELECT concat_ws(' ', quantity, avg_price, market_value) FROM analytics.portfolio_summary`);
    await waitFor('the view', async () => (await view()) === '10.0000 5.0000 200.0000', SYNC_MS);
    // Its service may leave last_updated as it is.
    await rig.pool.query('UPDATE execution.positions SET quantity = 7');
    await bar('0', 21);
    await waitFor('the view', async () => (await view()) === '7.0000 5.0000 147.0000', SYNC_MS);
    // A price that falls within its bar.
    await rig.pool.query('UPDATE data_ingestion.market_data SET low = 1, close = 2 WHERE close = 21');
    await waitFor('the view', async () => (await view()) === '7.0000 5.0000 14.0000', SYNC_MS);
    expect(await rig.value(`SELECT string_agg(kind, ' ') FROM analytics.sync_quarantine`)).toBe('market_data');
  });

  test('a transaction of 100,000 trades is applied in parts', async () => {
    const service = rig.start();
    await rig.reading(service);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, service.stats().queue.trades);
    }, 5);
    await rig.pool.query(`INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at, side)
    SELECT 'big' || n, 'A' || n % 50, 'X', 1, 2, now() + n * interval '1 us', 'buy' FROM generate_series(1, 100000) AS n`);
    await applied(service, {trades: 100_000});
    clearInterval(watch);
    expect(await rig.value('SELECT concat(count(*), sum(total_value)) FROM analytics.sync_ledger')).toBe(
      '100000200000.0000',
    );
    expect(await rig.value('SELECT sum(total_trades) FROM analytics.portfolio_summary')).toBe('100000');
    // What one chunk of the socket brings may come on top.
    expect(most).toBeLessThan(6000);
  });
});
