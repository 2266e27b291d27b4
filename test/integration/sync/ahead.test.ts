import fc from 'fast-check';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {createDecoder, isReject} from '../../../src/bus/decode.ts';
import {isoMicros, type Micros, nowMicros} from '../../../src/core/time.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {fillState} from '../../../src/sync/fill.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {createQueue} from '../../../src/sync/queue.ts';
import {retryQuarantine} from '../../../src/sync/retry.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {type SyncMark, type SyncPosition, syncEventOf} from '../../../src/sync/sync-event.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';

let [db, patient]: Pg[] = [];
let drop: () => Promise<void>;

beforeAll(async () => {
  const desk = await cloneDesk();
  db = openPg(targetOf(desk), loadSql(), {name: 'ahead', lockMs: 10_000});
  patient = openPg({...targetOf(desk), clockAheadS: 3600}, loadSql(), {name: 'ahead patient', lockMs: 10_000});
  drop = desk.drop;
});
afterAll(async () => {
  await Promise.all([db?.close(), patient?.close()]);
  await drop();
});
beforeEach(async () => {
  await pg().pool.query(`TRUNCATE analytics.sync_marks, analytics.portfolio_summary, analytics.sync_quarantine,
    execution.positions, data_ingestion.market_data`);
});

const pg = (): Pg => db as Pg;
const SECOND: Micros = 1_000_000;
const IN_2099: Micros = Date.UTC(2099, 0, 1) * 1000;
const times = (asOf: Micros) => ({asOf, at: asOf, receivedAt: nowMicros(), since: nowMicros()});
const price = (close: string, asOf: Micros): SyncMark => ({
  kind: 'market_data',
  key: 'IBM',
  price: close,
  ...times(asOf),
});
const position = (quantity: string, asOf: Micros): SyncPosition => ({
  kind: 'positions',
  key: 'A\u001fIBM',
  accountId: 'A',
  symbol: 'IBM',
  quantity,
  avgPrice: '10',
  realizedPnl: undefined,
  ...times(asOf),
});
const mark = async () => (await pg().pool.query('SELECT price FROM analytics.sync_marks')).rows[0]?.price;
const held = async () => (await pg().pool.query('SELECT quantity FROM analytics.portfolio_summary')).rows[0]?.quantity;
const quarantine = async () =>
  (await pg().pool.query(`SELECT kind, reason FROM analytics.sync_quarantine WHERE resolved_at IS NULL ORDER BY kind`))
    .rows;
const AHEAD = "its time lies ahead of the database's clock";

describe('prices and positions ahead of the database’s clock', () => {
  test('are refused as events, with the reason, and those of now count, in any order and in one batch too', async () => {
    const now = nowMicros();
    const events = [price('1.00', IN_2099), price('55.00', now), position('99', IN_2099), position('7', now)];
    const order = fc.shuffledSubarray(events, {minLength: 4, maxLength: 4});
    const cut = fc.integer({min: 0, max: 4});
    await fc.assert(
      fc.asyncProperty(order, cut, async (shuffled, at) => {
        await pg().pool.query('TRUNCATE analytics.sync_marks, analytics.portfolio_summary, analytics.sync_quarantine');
        let quarantined = 0;
        for (const part of [shuffled.slice(0, at), shuffled.slice(at)]) {
          // As the events of a consumer, which keeps the newest of each key while they wait.
          const queue = createQueue();
          for (const event of part) queue.offer(event);
          const batch = queue.take(100);
          if (batch) quarantined += (await applyIsolated(pg(), batch)).quarantined;
        }
        expect([await mark(), await held(), quarantined]).toEqual(['55.0000', '7.0000', 2]);
        expect(await quarantine()).toEqual(['market_data', 'positions'].map(kind => ({kind, reason: AHEAD})));
      }),
      {numRuns: 30},
    );
  });

  test('are counted by kind, and nothing else of their batch waits for them', async () => {
    const now = nowMicros();
    const batch = batchOf([price('1', now + 60 * SECOND), position('9', now + 60 * SECOND), position('7', now)]);
    expect(await applyIsolated(pg(), batch)).toMatchObject({
      positions: 1,
      stalePositions: 0,
      marks: 0,
      staleMarks: 0,
      quarantined: 2,
      quarantinedByKind: {trades: 0, positions: 1, market_data: 1},
      transactions: 1,
    });
  });

  test('are kept apart in quarantine, whatever spaces their keys have', async () => {
    const at = nowMicros() + 60 * SECOND;
    const of = (accountId: string, symbol: string) => ({
      ...position('1', at),
      key: `${accountId}\u001f${symbol}`,
      accountId,
      symbol,
    });
    expect(await applyIsolated(pg(), batchOf([of('A B', 'C'), of('A', 'B C')]))).toMatchObject({quarantined: 2});
    expect((await quarantine()).length).toBe(2);
  });

  test('may be ahead by what the setting allows', async () => {
    const inHalfAnHour = nowMicros() + 1800 * SECOND;
    expect(await applyIsolated(pg(), batchOf([price('2', nowMicros() + 2 * SECOND)]))).toMatchObject({marks: 1});
    expect(await applyIsolated(pg(), batchOf([price('3', inHalfAnHour)]))).toMatchObject({marks: 0, quarantined: 1});
    expect(await applyIsolated(patient as Pg, batchOf([price('3', inHalfAnHour)]))).toMatchObject({marks: 1});
  });

  test('are left out of their tables', async () => {
    await pg().pool.query(`
      INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
      VALUES ('IBM', '2099-01-01', 1, 1, 1, 1.00), ('IBM', now() - interval '1 min', 55, 55, 55, 55.00)`);
    await pg().pool.query(`
      INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, created_at)
      VALUES ('IBM', now() - interval '2 min', 2, 2, 2, 2, '2099-01-01')`);
    await pg().pool.query(`INSERT INTO execution.positions (account_id, symbol, quantity, avg_price, last_updated)
      VALUES ('A', 'IBM', 99, 10, '2099-01-01')`);
    expect((await fillState(pg(), null)).symbols).toEqual(['IBM']);
    expect([await mark(), await held()]).toEqual(['55.0000', undefined]);
    await pg().pool.query(`UPDATE execution.positions SET quantity = 7, last_updated = now()`);
    expect((await fillState(pg(), null)).symbols).toEqual(['IBM']);
    expect(await held()).toBe('7.0000');
    expect((await fillState(pg(), null)).symbols).toEqual([]);
  });

  const poison = async (): Promise<void> => {
    await pg().pool.query(`INSERT INTO analytics.sync_marks VALUES ('IBM', 1.00, '2099-01-01')`);
    await pg().pool.query(`INSERT INTO analytics.portfolio_summary (account_id, symbol, quantity, avg_price, position_at)
      VALUES ('A', 'IBM', 99, 10, '2099-01-01')`);
  };

  test('that an older release took give way to the next right event', async () => {
    await poison();
    const hourAgo = nowMicros() - 3600 * SECOND;
    const batch = batchOf([price('55', hourAgo), position('7', hourAgo)]);
    expect(await applyIsolated(pg(), batch)).toMatchObject({marks: 1, positions: 1, quarantined: 0});
    expect([await mark(), await held()]).toEqual(['55.0000', '7.0000']);
    // From then on the newest wins again.
    expect(await applyIsolated(pg(), batchOf([price('54', hourAgo - 1)]))).toMatchObject({marks: 0, staleMarks: 1});
  });

  test('that an older release took give way to the tables, even where the position is the same', async () => {
    await poison();
    await pg().pool.query(`
      INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
      VALUES ('IBM', now() - interval '1 min', 55, 55, 55, 55.00)`);
    await pg().pool.query(
      `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'IBM', 99, 10)`,
    );
    await fillState(pg(), null);
    const {rows} = await pg().pool.query(
      `SELECT price, position_at < now() AS healed FROM analytics.sync_marks JOIN analytics.portfolio_summary USING (symbol)`,
    );
    expect(rows).toEqual([{price: '55.0000', healed: true}]);
  });

  test('stay in quarantine when they are tried again, until their time has come', async () => {
    await applyIsolated(pg(), batchOf([price('2', nowMicros() + 1800 * SECOND)]));
    expect(await retryQuarantine(runnerOf(pg()))).toMatchObject({applied: 0, refused: [{reason: AHEAD}]});
    const {rows} = await pg().pool.query('SELECT attempts, resolved_at FROM analytics.sync_quarantine');
    expect(rows).toEqual([{attempts: 2, resolved_at: null}]);
    expect(await retryQuarantine(runnerOf(patient as Pg))).toEqual({applied: 1, refused: [], stopped: false});
    expect([await mark(), await quarantine()]).toEqual(['2.0000', []]);
  });
});

test('a bar that begins after it was published counts as of its beginning', () => {
  const text = (timestamp: string) =>
    `{"type": "market_data_updated", "service": "s", "data": {"symbol": "IBM", "close": 1, "timestamp": "${timestamp}"}, "timestamp": "2026-11-22T09:00:00"}`;
  const asOf = (timestamp: string) => {
    const event = createDecoder()('data_sync:market_data', text(timestamp));
    if (isReject(event)) throw new Error(event.detail);
    const made = syncEventOf(event);
    return made.kind === 'market_data' && isoMicros(made.asOf);
  };
  expect(asOf('2099-01-01T00:00:00')).toBe('2099-01-01T00:00:00.000000Z');
  expect(asOf('2026-11-22T08:59:00')).toBe('2026-11-22T09:00:00.000000Z');
});
