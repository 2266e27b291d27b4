import pg from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {cloneDesk} from '../../helpers/desk/desk.ts';
import {type DeskQuery, deskQueries, fillDesk, touchedBy} from '../../helpers/desk/desk-load.ts';
import type {Database} from '../../helpers/servers/servers.ts';

const SYMBOLS = 100;
let db: Database;
let client: pg.Client;

beforeAll(async () => {
  db = await cloneDesk();
  client = new pg.Client(db.config);
  await client.connect();
  await fillDesk(client, {bars: 200_000, trades: 40_000, symbols: SYMBOLS});
  await client.query('ANALYZE');
});
afterAll(async () => {
  await client?.end();
  await db?.drop();
});

const query = (name: string): DeskQuery => deskQueries(SYMBOLS).find(q => q.name === name) as DeskQuery;
const month = (at: Date): string =>
  `market_data_${at.getUTCFullYear()}_${String(at.getUTCMonth() + 1).padStart(2, '0')}`;
const ways = ['Index Scan', 'Index Only Scan', 'Bitmap Heap Scan', 'Bitmap Index Scan'];

test('the latest bar of a symbol is read from the partitions of the last week only, by an index', async () => {
  const touched = await touchedBy(client, query('latest bar of a symbol'), 1);
  const now = Date.now();
  const right = [month(new Date(now)), month(new Date(now - 7 * 86_400_000))];
  expect(touched.length).toBeGreaterThan(0);
  expect(touched.map(t => t.relation).filter(r => !right.includes(r))).toEqual([]);
  expect(touched.map(t => t.by).filter(by => !ways.includes(by))).toEqual([]);
});

test('a symbol’s day is read from its month’s partition only, by symbol and time', async () => {
  for (const n of [1, 40, 200]) {
    const asked = query('a symbol’s day');
    const touched = await touchedBy(client, asked, n);
    const right = month(new Date(String(asked.values(n)[1])));
    expect([...new Set(touched.map(t => t.relation))]).toEqual([right]);
    expect(touched.map(t => t.by).filter(by => !ways.includes(by))).toEqual([]);
    expect(touched.map(t => t.index).filter(i => i !== undefined)).toEqual([
      expect.stringMatching(/_symbol_timestamp_(?:idx|key)$/),
    ]);
  }
});

test('an account’s open orders are read by the index of open orders', async () => {
  const touched = await touchedBy(client, query('an account’s open orders'), 1);
  expect(touched.map(t => t.index).filter(i => i !== undefined)).toEqual(['idx_orders_open']);
  expect([...new Set(touched.map(t => t.relation))]).toEqual(['orders']);
});

test('a day’s trades of a strategy are read by the index on strategy and time', async () => {
  const touched = await touchedBy(client, query('a day’s trades of a strategy'), 3);
  expect(touched.map(t => t.index).filter(i => i !== undefined)).toEqual(['idx_trades_strategy_executed_at']);
  expect([...new Set(touched.map(t => t.relation))]).toEqual(['trades']);
});

test('each query finds rows, so that its plan is meaningful', async () => {
  for (const {name, text, values} of deskQueries(SYMBOLS)) {
    let rows = 0;
    for (let n = 0; n < 100; n++) rows += (await client.query(text, [...values(n)])).rowCount ?? 0;
    expect([name, rows > 20]).toEqual([name, true]);
  }
});
