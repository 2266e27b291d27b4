import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {fillState, fillTrades} from '../../../src/sync/fill.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {markDue, type Unmarkable} from '../../../src/sync/mark-due.ts';
import {retryQuarantine} from '../../../src/sync/retry.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {type SyncEvent, syncEventOf} from '../../../src/sync/sync-event.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {
  analyticsOf,
  bookTrades,
  deskTrades,
  expectedAnalytics,
  seeded,
  shuffled,
  tradeEvent,
  withOwnFigures,
} from '../../helpers/desk/desk-trades.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

let db: Pg;
let drop: () => Promise<void>;

beforeAll(async () => {
  const desk = await cloneDesk();
  db = openPg(targetOf(desk), loadSql(), {name: 'sync test', max: 6, lockMs: 10_000});
  drop = desk.drop;
});
afterAll(async () => {
  await db.close();
  await drop();
});

const apply = (trades: readonly TradeEvent[]) =>
  applyIsolated(db, batchOf(trades.map(t => syncEventOf(tradeEvent(t)))));
const mark = (symbols: readonly string[] | null = null) => markDue(runnerOf(db), symbols);
const analytics = () => analyticsOf(db.pool);
const clear = () =>
  db.pool.query(`TRUNCATE analytics.sync_ledger, analytics.portfolio_summary, analytics.performance_metrics,
    analytics.sync_quarantine, analytics.sync_marks, execution.trades, execution.execution_logs, execution.orders, execution.positions`);

describe('applying trades', () => {
  test('counts each once, in any order, in any batches, and when it comes twice', async () => {
    await clear();
    const random = seeded(7);
    const trades = withOwnFigures(deskTrades(300));
    const twice = shuffled([...trades, ...trades], random);
    let at = 0;
    let counted = 0;
    while (at < twice.length) {
      const size = 1 + Math.floor(random() * 60);
      counted += (await apply(twice.slice(at, at + size))).trades;
      at += size;
    }
    expect(counted).toBe(300);
    expect(await analytics()).toEqual(expectedAnalytics(trades));
  });

  test('gives the same by three workers at once, each in its own order', async () => {
    await clear();
    const trades = withOwnFigures(deskTrades(400, 3));
    const work = async (seed: number): Promise<number> => {
      const mine = shuffled(trades, seeded(seed));
      let counted = 0;
      for (let at = 0; at < mine.length; at += 25) counted += (await apply(mine.slice(at, at + 25))).trades;
      return counted;
    };
    const counted = await Promise.all([work(1), work(2), work(3)]);
    expect(counted.reduce((a, b) => a + b)).toBe(400);
    expect(await analytics()).toEqual(expectedAnalytics(trades));
  });

  test('keeps more digits than the table has where an event has them', async () => {
    await clear();
    const [trade] = deskTrades(1) as [TradeEvent];
    const odd = {...trade, totalValue: '123456789012345.6789', realizedPnl: '0.00005', winRate: '0.33333333335'};
    await apply([odd]);
    expect((await db.pool.query('SELECT total_value, realized_pnl, win FROM analytics.sync_ledger')).rows).toEqual([
      {total_value: '123456789012345.6789', realized_pnl: '0.0001', win: '0.3333333334'},
    ]);
  });

  test('puts a trade that cannot be applied into quarantine and applies all others', async () => {
    await clear();
    const trades = deskTrades(64, 4);
    const poison = {...(trades[37] as TradeEvent), quantity: '9'.repeat(30)};
    const outcome = await apply(trades.with(37, poison));
    expect(outcome).toMatchObject({trades: 63, quarantined: 1});
    expect(await analytics()).toEqual(expectedAnalytics(trades.toSpliced(37, 1)));
    const {rows} = await db.pool.query(
      `SELECT kind, event_key, sqlstate, reason, attempts, event->>'quantity' AS quantity FROM analytics.sync_quarantine`,
    );
    expect(rows).toEqual([
      {
        kind: 'trades',
        event_key: 't37',
        sqlstate: '22003',
        reason: 'numeric field overflow',
        attempts: 1,
        quantity: '9'.repeat(30),
      },
    ]);
    await apply([poison]);
    expect((await db.pool.query('SELECT attempts FROM analytics.sync_quarantine')).rows).toEqual([{attempts: 2}]);
  });
});

describe('a database too slow for a batch', () => {
  test('takes it in parts that it has the time for, and none goes into quarantine', async () => {
    await clear();
    await db.pool.query(`
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';
      CREATE TRIGGER slow BEFORE INSERT ON analytics.sync_ledger FOR EACH ROW EXECUTE FUNCTION slow()`);
    const impatient = openPg(db.target, loadSql(), {name: 'impatient', max: 1, statementMs: 500});
    try {
      const trades = deskTrades(60, 11);
      const outcome = await applyIsolated(impatient, batchOf(trades.map(t => syncEventOf(tradeEvent(t)))));
      expect(outcome).toMatchObject({trades: 60, quarantined: 0});
      expect(outcome.transactions).toBeGreaterThan(2);
      expect(await analytics()).toEqual(expectedAnalytics(trades));
    } finally {
      await db.pool.query('DROP TRIGGER slow ON analytics.sync_ledger; DROP FUNCTION slow()');
      await impatient.close();
    }
  });
});

describe('one event that takes longer than a statement may', () => {
  test('gets a longer timeout alone, and delays no other', async () => {
    await clear();
    const trades = deskTrades(12, 13);
    await db.pool.query(`
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NEW; END';
      CREATE TRIGGER slow BEFORE INSERT ON analytics.sync_ledger FOR EACH ROW
        WHEN (NEW.trade_id = '${trades[5]?.tradeId}') EXECUTE FUNCTION slow()`);
    const impatient = openPg(db.target, loadSql(), {name: 'impatient', max: 1, statementMs: 800});
    try {
      const outcome = await applyIsolated(impatient, batchOf(trades.map(t => syncEventOf(tradeEvent(t)))));
      expect(outcome).toMatchObject({trades: 12, quarantined: 0});
      expect(await analytics()).toEqual(expectedAnalytics(trades));
    } finally {
      await db.pool.query('DROP TRIGGER slow ON analytics.sync_ledger; DROP FUNCTION slow()');
      await impatient.close();
    }
  });
});

const book = (trades: readonly TradeEvent[]) => bookTrades(db.pool, trades);
const EVER = {since: null, until: null};

describe('recovering trades from the table', () => {
  const fill = [
    ['buy', '100', '10.00', '1'],
    ['buy', '100', '20.00', '1'],
    // The average is (1000 + 1 + 2000 + 1) / 200 = 15.01: (25 − 15.01) × 100 − 0.5.
    ['sell', '100', '25.00', '0.5'],
    // (30 − 15.01) × 66 − 0.5.
    ['sell', '66', '30.00', '0.5'],
    // Only 34 are held; the rest has no known cost: (5 − 15.01) × 34.
    ['sell', '40', '5.00', '0'],
  ].map(
    ([side, quantity, price, commission], i) =>
      ({
        ...(deskTrades(1)[0] as TradeEvent),
        tradeId: `f${i}`,
        accountId: 'ACC-F',
        symbol: 'IBM',
        strategy: undefined,
        executedAt: Date.UTC(2026, 10, 20, 10) * 1000 + i,
        tradeType: side === 'buy' ? 'opening' : 'partial',
        winRate: undefined,
        realizedPnl: undefined,
        side,
        quantity,
        price,
        commission,
      }) as TradeEvent,
  );
  const realised = ['0.0000', '0.0000', '998.5000', '988.8400', '-340.3400'];
  const ledger = async () =>
    (await db.pool.query('SELECT realized_pnl FROM analytics.sync_ledger ORDER BY trade_id')).rows.map(
      row => row.realized_pnl,
    );

  test('computes average cost in the order of execution, commissions included', async () => {
    await clear();
    await book(shuffled(fill, seeded(2)));
    expect(await fillTrades(db, EVER)).toMatchObject({recovered: 5, quarantined: []});
    expect(await ledger()).toEqual(realised);
    expect(await analytics()).toEqual(expectedAnalytics(fill.map((t, i) => ({...t, realizedPnl: realised[i]}))));
    expect(await fillTrades(db, EVER)).toEqual({
      recovered: 0,
      first: null,
      last: null,
      quarantined: [],
      failed: undefined,
    });
  });

  test('fills the other accounts where one cannot be filled now, and gives the reason', async () => {
    await clear();
    const trades = deskTrades(60, 15);
    await book(trades);
    const holder = await db.pool.connect();
    // Another transaction has locked the first account's rows: its fill runs into the lock timeout.
    await holder.query('BEGIN');
    await holder.query(
      `INSERT INTO analytics.portfolio_summary (account_id, symbol) VALUES ('ACC-0', 'AAPL'), ('ACC-0', 'MSFT'), ('ACC-0', 'NVDA')`,
    );
    const impatient = openPg(db.target, loadSql(), {name: 'impatient', max: 1, statementMs: 10_000, lockMs: 300});
    try {
      const others = trades.filter(trade => trade.accountId !== 'ACC-0');
      const filled = await fillTrades(impatient, EVER);
      expect(filled).toMatchObject({recovered: others.length, quarantined: [], failed: {code: '55P03'}});
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
      await impatient.close();
    }
    expect(await fillTrades(db, EVER)).toMatchObject({
      recovered: 60 - trades.filter(t => t.accountId !== 'ACC-0').length,
      failed: undefined,
    });
  });

  const ODD = 'new row for relation "sync_ledger" violates check constraint "not_odd"';
  test('puts a trade that cannot be entered into quarantine, and enters all others of its account', async () => {
    await clear();
    const trades = deskTrades(40, 9);
    const [odd, ...others] = trades.map((trade, i) =>
      i === 0 ? {...trade, accountId: 'ACC-1', symbol: 'ODD'} : trade,
    ) as readonly TradeEvent[] as [TradeEvent, ...TradeEvent[]];
    const bookable = others.map(trade => ({...trade, realizedPnl: undefined}));
    await book([odd, ...bookable]);
    await db.pool.query(`ALTER TABLE analytics.sync_ledger ADD CONSTRAINT not_odd CHECK (symbol <> 'ODD')`);
    const filled = await fillTrades(db, EVER);
    expect(filled).toMatchObject({recovered: 39, quarantined: [`${odd.tradeId}: ${ODD}`]});
    const {rows} = await db.pool.query('SELECT trade_id FROM analytics.sync_ledger');
    expect(rows.map(row => row.trade_id).sort()).toEqual(others.map(trade => trade.tradeId as string).sort());
    expect(await fillTrades(db, EVER)).toMatchObject({recovered: 0, quarantined: []});
    // The quarantine has it whole, so that it can be retried.
    expect(await retryQuarantine(runnerOf(db))).toMatchObject({
      applied: 0,
      refused: [{event: `trades ${odd.tradeId}`, reason: ODD}],
    });
    await db.pool.query('ALTER TABLE analytics.sync_ledger DROP CONSTRAINT not_odd');
  });

  test('gives events without a profit the same one, before and after their rows are visible', async () => {
    await clear();
    await apply(fill);
    expect(await ledger()).toEqual(realised);
    await clear();
    await book(fill);
    for (const trade of fill) await apply([trade]);
    expect(await ledger()).toEqual(realised);
  });

  test('gives a recovered trade the fields of its event when that comes', async () => {
    await clear();
    const trades = withOwnFigures(deskTrades(40, 5));
    await book(trades);
    await apply(trades.slice(0, 10));
    expect((await fillTrades(db, EVER)).recovered).toBe(30);
    expect(await apply(trades)).toMatchObject({trades: 0, duplicates: 40, adopted: 30});
    expect(await analytics()).toEqual(expectedAnalytics(trades));
    expect(await apply(trades)).toMatchObject({trades: 0, duplicates: 40, adopted: 0});
    expect(await analytics()).toEqual(expectedAnalytics(trades));
  });

  test('counts a row that was changed as it is, and sets its event aside', async () => {
    await clear();
    await book(fill);
    await fillTrades(db, EVER);
    await db.pool.query(`UPDATE execution.trades SET price = price + 1 WHERE trade_id = 'f0'`);
    expect(await apply(fill)).toMatchObject({trades: 0, quarantined: 1, refused: [{key: 'f0', byEvent: true}]});
    // The average is (1100 + 1 + 2000 + 1) / 200 = 15.51.
    expect(await ledger()).toEqual(['0.0000', '0.0000', '948.5000', '955.8400', '-357.3400']);
    expect(await apply(fill)).toMatchObject({trades: 0, quarantined: 1, restated: 0});
  });

  test('keeps as many digits of a win rate as if the event had come before the recovery', async () => {
    await clear();
    const odd = {...(deskTrades(1)[0] as TradeEvent), winRate: '0.33333333335', totalValue: '7.00005'};
    await book([odd]);
    await fillTrades(db, EVER);
    await apply([odd]);
    expect((await db.pool.query('SELECT total_value, win, source FROM analytics.sync_ledger')).rows).toEqual([
      {total_value: '7.0001', win: '0.3333333334', source: 'event'},
    ]);
  });

  test('leaves what is in quarantine there', async () => {
    await clear();
    const [trade] = deskTrades(1, 6) as [TradeEvent];
    await book([trade]);
    await apply([{...trade, quantity: '9'.repeat(30)}]);
    expect((await fillTrades(db, EVER)).recovered).toBe(0);
  });
});

describe('positions and prices', () => {
  const NOON = Date.UTC(2026, 10, 20, 12) * 1000;
  const position = (quantity: string, avgPrice: string, asOf: number): SyncEvent => ({
    kind: 'positions',
    key: 'ACC-P\u001fIBM',
    accountId: 'ACC-P',
    symbol: 'IBM',
    quantity,
    avgPrice,
    realizedPnl: undefined,
    asOf,
    at: asOf,
    receivedAt: asOf,
    since: asOf,
  });
  const price = (close: string, asOf: number): SyncEvent => ({
    kind: 'market_data',
    key: 'IBM',
    price: close,
    asOf,
    at: asOf,
    receivedAt: asOf,
    since: asOf,
  });
  const view = async () =>
    (
      await db.pool.query(`SELECT concat_ws(' ', quantity, avg_price, market_value, unrealized_pnl, last_price) AS line
        FROM analytics.portfolio_summary WHERE symbol = 'IBM'`)
    ).rows[0]?.line;
  const held = async () =>
    (
      await db.pool.query(`SELECT concat_ws(' ', quantity, market_value, unrealized_pnl, last_price, version) AS line
        FROM execution.positions WHERE symbol = 'IBM'`)
    ).rows[0]?.line;
  const hold = (quantity: string) =>
    db.pool.query(
      `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('ACC-P', 'IBM', $1, 10.3333)`,
      [quantity],
    );

  test('take the newest in any order, and their value follows both', async () => {
    const events = [
      position('10', '10.3333', NOON),
      position('20', '10.3333', NOON + 1),
      position('15', '11.1111', NOON + 2),
      price('12.50', NOON),
      price('12.7777', NOON + 3),
      price('13.00', NOON + 1),
    ];
    for (let seed = 0; seed < 8; seed++) {
      await clear();
      await hold('15');
      for (const event of shuffled([...events, ...events], seeded(seed))) {
        await applyIsolated(db, batchOf([event]));
        await mark(['IBM']);
      }
      expect(await view()).toBe('15.0000 11.1111 191.6655 24.9990 12.7777');
      expect(await held()).toBe('15.0000 191.6655 36.6660 12.7777 1');
    }
  });

  test('count as stale when they are older than what analytics has', async () => {
    await clear();
    await applyIsolated(db, batchOf([position('15', '10', NOON + 2), price('12', NOON + 2)]));
    expect(await applyIsolated(db, batchOf([position('10', '10', NOON), price('11', NOON)]))).toMatchObject({
      positions: 0,
      stalePositions: 1,
      marks: 0,
      staleMarks: 1,
    });
  });

  test('never wait for a service that has locked a position, and are marked later', async () => {
    await clear();
    await hold('10');
    const service = await db.pool.connect();
    try {
      await service.query('BEGIN');
      await service.query(`UPDATE execution.positions SET quantity = 30, version = version + 1 WHERE symbol = 'IBM'`);
      expect(await applyIsolated(db, batchOf([price('12', NOON)]))).toMatchObject({marks: 1});
      expect(await mark(['IBM'])).toEqual(['IBM']);
      await service.query('COMMIT');
    } finally {
      service.release();
    }
    expect(await mark(['IBM'])).toEqual([]);
    expect(await held()).toBe('30.0000 360.0000 50.0010 12.0000 2');
  });

  test('with a value too large for its column have none, and delay nothing else', async () => {
    await clear();
    await db.pool.query(
      `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('ACC-P', 'IBM', 90000000000, 1)`,
    );
    const trades = deskTrades(8);
    const events = [
      ...trades.map(t => syncEventOf(tradeEvent(t))),
      position('90000000000', '1', NOON),
      price('5000000', NOON),
    ];
    const outcome = await applyIsolated(db, batchOf(events));
    expect(outcome).toMatchObject({trades: 8, positions: 1, marks: 1, quarantined: 0});
    expect(await mark()).toEqual([]);
    expect(await held()).toBe('90000000000.0000 5000000.0000 1');
    expect(await view()).toBe('90000000000.0000 1.0000 5000000.0000');
    expect(await analytics()).toEqual(expectedAnalytics(trades));
    await fillState(db, null);
    await applyIsolated(db, batchOf([price('1', NOON + 1)]));
    await mark(['IBM']);
    expect(await held()).toBe('90000000000.0000 90000000000.0000 0.0000 1.0000 1');
  });

  test('that cannot be marked for a reason of their own stop no other', async () => {
    await clear();
    await db.pool.query(`INSERT INTO execution.positions (account_id, symbol, quantity, avg_price)
      SELECT 'ACC-' || n, 'IBM', n, 10 FROM generate_series(1, 40) AS n`);
    await db.pool.query(`ALTER TABLE execution.positions ADD CONSTRAINT no_luck CHECK (market_value <> 13 * 7)`);
    const lastPrices = async () =>
      (await db.pool.query(`SELECT last_price, count(*)::int FROM execution.positions GROUP BY 1 ORDER BY 2`)).rows;
    const [rows, behind] = [[] as Unmarkable[], [] as number[]];
    try {
      expect(await applyIsolated(db, batchOf([price('13', NOON)]))).toMatchObject({marks: 1, quarantined: 0});
      const options = {onUnmarkable: (row: Unmarkable) => rows.push(row), onBehind: (now: number) => behind.push(now)};
      expect(await markDue(runnerOf(db), null, options)).toEqual([]);
      expect(rows).toMatchObject([{table: 'execution.positions', error: expect.stringContaining('no_luck')}]);
      expect([behind[0], behind.at(-1)]).toEqual([40, 1]);
      expect(await lastPrices()).toEqual([
        {last_price: null, count: 1},
        {last_price: '13.0000', count: 39},
      ]);
    } finally {
      await db.pool.query(`ALTER TABLE execution.positions DROP CONSTRAINT no_luck`);
    }
    expect(await mark()).toEqual([]);
    expect(await lastPrices()).toEqual([{last_price: '13.0000', count: 40}]);
  });

  test('that another worker has marked meanwhile keep the newer price', async () => {
    await clear();
    await hold('10');
    await applyIsolated(db, batchOf([price('12', NOON)]));
    const {rows} = await db.pool.query('SELECT array_agg(id)::text AS ids FROM execution.positions');
    // It stops after it has read the price of noon, and before it locks the position.
    const stopped = db.sql
      .statement('sync/mark_positions', db.pgVersion())
      .replace('WHERE p.id = ANY', 'WHERE (SELECT pg_advisory_xact_lock_shared(7)) IS NOT NULL AND p.id = ANY');
    const holder = await db.pool.connect();
    try {
      await holder.query('SELECT pg_advisory_lock(7)');
      const late = db.pool.query(stopped, [rows[0].ids]);
      const isWaiting = async () =>
        (await db.pool.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rowCount === 1;
      await waitFor('the late worker to have read', isWaiting);
      await applyIsolated(db, batchOf([price('14', NOON + 1)]));
      expect(await mark(['IBM'])).toEqual([]);
      await holder.query('SELECT pg_advisory_unlock(7)');
      expect((await late).rows).toEqual([{symbol: 'IBM', marked: '0', skipped: '1'}]);
    } finally {
      await holder.query('SELECT pg_advisory_unlock_all()');
      holder.release();
    }
    expect(await held()).toBe('10.0000 140.0000 36.6670 14.0000 1');
  });

  test('are marked by pages and chunks, each in its turn', async () => {
    await clear();
    await db.pool.query(`INSERT INTO execution.positions (account_id, symbol, quantity, avg_price)
      SELECT 'ACC-' || n, 'S' || n % 7, n, 10 FROM generate_series(1, 45000) AS n`);
    await db.pool.query(`INSERT INTO analytics.portfolio_summary (account_id, symbol, quantity, avg_price)
      SELECT account_id, symbol, quantity, avg_price FROM execution.positions WHERE id % 2 = 0`);
    await db.pool.query(`INSERT INTO analytics.sync_marks (symbol, price, marked_at)
      SELECT 'S' || n, 10 + n, now() FROM generate_series(0, 6) AS n`);
    const behind: number[] = [];
    expect(await markDue(runnerOf(db), null, {onBehind: now => behind.push(now)})).toEqual([]);
    expect([behind[0], behind.at(-1), behind.every((now, i) => i === 0 || now <= (behind[i - 1] as number))]).toEqual([
      67_500,
      0,
      true,
    ]);
    const {rows} = await db.pool.query(`SELECT count(*)::int FROM (
        SELECT symbol, quantity, last_price, market_value, unrealized_pnl FROM execution.positions UNION ALL
        SELECT symbol, quantity, last_price, market_value, unrealized_pnl FROM analytics.portfolio_summary
      ) AS p JOIN analytics.sync_marks AS m USING (symbol)
      WHERE (last_price, market_value, unrealized_pnl) = (m.price, quantity * m.price, quantity * (m.price - 10))`);
    expect(rows).toEqual([{count: 67_500}]);
  });

  test('are taken from their tables where the bus did not bring them', async () => {
    await clear();
    await hold('15');
    await db.pool.query(`TRUNCATE data_ingestion.market_data`);
    await db.pool.query(`INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
      VALUES ('IBM', now() - interval '2 min', 1, 20, 1, 12), ('IBM', now() - interval '1 min', 1, 20, 1, 13)`);
    expect((await fillState(db, null)).symbols).toEqual(['IBM']);
    await mark(['IBM']);
    expect(await view()).toBe('15.0000 10.3333 195.0000 40.0005 13.0000');
    expect((await fillState(db, null)).symbols).toEqual([]);
  });
});

describe('the quarantine', () => {
  test('is retried, and closes the entries that can be applied now', async () => {
    await clear();
    const trades = deskTrades(3);
    const poison = {...(trades[1] as TradeEvent), quantity: '9'.repeat(30)};
    await apply(trades.with(1, poison));
    expect(await retryQuarantine(runnerOf(db))).toEqual({
      applied: 0,
      refused: [{event: 'trades t1', reason: 'numeric field overflow'}],
      stopped: false,
    });
    // The cause is repaired: here the event itself.
    await db.pool.query(
      `UPDATE analytics.sync_quarantine SET event = jsonb_set(event, '{quantity}', to_jsonb($1::text))`,
      [trades[1]?.quantity],
    );
    expect(await retryQuarantine(runnerOf(db))).toEqual({applied: 1, refused: [], stopped: false});
    expect(await analytics()).toEqual(expectedAnalytics(trades));
    const {rows} = await db.pool.query(
      'SELECT attempts, resolved_at IS NOT NULL AS resolved FROM analytics.sync_quarantine',
    );
    expect(rows).toEqual([{attempts: 2, resolved: true}]);
    expect(await retryQuarantine(runnerOf(db))).toEqual({applied: 0, refused: [], stopped: false});
  });

  test('is retried whole, however many events it has', async () => {
    await clear();
    await db.pool.query(`INSERT INTO analytics.sync_quarantine (id, kind, event_key, event, reason)
      SELECT n, 'trades', 'q' || n, '{}', 'odd' FROM generate_series(90, 1105) AS n`);
    const {refused} = await retryQuarantine(runnerOf(db));
    expect(refused.map(({event}) => event)).toEqual(Array.from({length: 1016}, (_, n) => `trades q${n + 90}`));
    await clear();
  });

  test('closes the entry of a trade that a later event corrected', async () => {
    await clear();
    const [trade] = deskTrades(1) as [TradeEvent];
    await apply([{...trade, quantity: '9'.repeat(30)}]);
    expect(await apply([trade])).toMatchObject({trades: 1, quarantined: 0});
    expect(await retryQuarantine(runnerOf(db))).toEqual({applied: 1, refused: [], stopped: false});
    expect(await analytics()).toEqual(expectedAnalytics([trade]));
    expect(await retryQuarantine(runnerOf(db))).toEqual({applied: 0, refused: [], stopped: false});
  });
});
