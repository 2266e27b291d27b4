import pg from 'pg';
import {describe, expect, test} from 'vitest';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import {QUICK, ready, rigEachTest, SILENT, well} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest({pool: {max: 4}});
const {start, publish} = rig;

const ROWS = 100_000;

/** So many positions, and as many views of them, that are not marked to the price of their symbol. */
const haveDue = async (positions: number): Promise<void> => {
  await rig.pool.query(
    `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price)
     SELECT 'ACC-' || n, 'AAPL', n, 10 FROM generate_series(1, $1::int) AS n`,
    [positions],
  );
  await rig.pool.query(`INSERT INTO analytics.portfolio_summary (account_id, symbol, quantity, avg_price, position_at)
    SELECT account_id, symbol, quantity, avg_price, last_updated FROM execution.positions`);
  await rig.pool.query(`INSERT INTO analytics.sync_marks (symbol, price, marked_at) VALUES ('AAPL', 12, now())`);
};
const marked = async () =>
  (
    await rig.pool.query(`SELECT
      (SELECT count(*)::int FROM execution.positions WHERE market_value = quantity * 12) AS positions,
      (SELECT count(*)::int FROM analytics.portfolio_summary WHERE market_value = quantity * 12) AS views`)
  ).rows[0];
const publishPrice = (symbol: string, close: number) =>
  rig.bus.publish(
    'data_sync:market_data',
    `{"type": "market_data_updated", "service": "s", "data": {"symbol": "${symbol}", "close": ${close}}, "timestamp": "${new Date().toISOString()}"}`,
  );

/** Until the function that it gives is called, each marking of a position waits within its transaction. */
const holdMarking = async (): Promise<() => Promise<void>> => {
  await rig.pool.query(`
    CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN new; END$$;
    CREATE TRIGGER waits BEFORE UPDATE OF last_price ON execution.positions FOR EACH ROW EXECUTE FUNCTION public.wait()`);
  const holder = new pg.Client(rig.desk.config);
  await holder.connect();
  rig.cleanups.push(() => holder.end());
  await holder.query('SELECT pg_advisory_lock(7)');
  return () => holder.end();
};
const isHeld = async (): Promise<boolean> => {
  const {rowCount} = await rig.pool.query(`SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tradetop sync marking' AND wait_event = 'advisory'`);
  return rowCount === 1;
};

describe('marking', () => {
  test('delays no trade while it is held up with 100,000 positions due, and tells how many', async () => {
    await haveDue(ROWS);
    const release = await holdMarking();
    const service = start();
    await ready(service);
    await waitFor('the marking to be held up', isHeld, SYNC_MS);
    const trades = deskTrades(300);
    await bookTrades(rig.pool, trades);
    await publish(trades);
    // Prices and positions are part of the batches, and committed too; only their marking waits.
    await publishPrice('IBM', 55);
    const counted = () => service.stats().applied.trades === 300 && service.stats().applied.marks > 0;
    await waitFor('every trade and the price to be committed', counted, SYNC_MS);
    expect((await marked()).positions).toBe(0);
    expect(service.stats()).toMatchObject({retries: 0, failing: null});
    const {behind, since} = service.stats().marking;
    expect([behind, typeof since]).toEqual([expect.any(Number), 'string']);
    expect(behind).toBeGreaterThanOrEqual(ROWS);
    const {rows} = await rig.pool.query(
      `SELECT (stats->'marking'->>'behind')::int AS behind FROM analytics.sync_workers`,
    );
    expect(rows[0].behind).toBeGreaterThanOrEqual(ROWS);
    await release();
    await waitFor('everything to be marked', async () => (await marked()).positions === ROWS, SYNC_MS);
    expect(await marked()).toMatchObject({positions: ROWS, views: ROWS});
    await waitFor('the count of what is behind', () => service.stats().marking.behind === 0, SYNC_MS);
    expect(service.stats().marking).toEqual({behind: 0, since: null, error: null});
  });

  test('does not keep a service from its end, and what is left the next start marks', async () => {
    await haveDue(1000);
    const release = await holdMarking();
    const first = start();
    await ready(first);
    await waitFor('the marking to be held up', isHeld, SYNC_MS);
    expect(await first.stop(5000)).toBe(true);
    expect((await marked()).positions).toBe(0);
    await release();
    start();
    await waitFor('everything to be marked', async () => (await marked()).positions === 1000, SYNC_MS);
  });

  test('marks before the end what the last batch brought', async () => {
    await haveDue(500);
    const service = start();
    await ready(service);
    await waitFor('the first sweep', async () => (await marked()).positions === 500, SYNC_MS);
    await rig.pool.query(`UPDATE analytics.sync_marks SET marked_at = now() - interval '1 h'`);
    await publishPrice('AAPL', 13);
    await waitFor('the price', () => service.stats().applied.marks === 1, SYNC_MS);
    expect(await service.stop()).toBe(true);
    const {rows} = await rig.pool.query(`SELECT DISTINCT last_price FROM execution.positions`);
    expect(rows).toEqual([{last_price: '13.0000'}]);
  });

  test('takes no trade with it where it cannot work, and says so', async () => {
    await haveDue(10);
    const warned: string[] = [];
    await rig.pool.query(`DROP TABLE analytics.sync_marks CASCADE`);
    const service = start({log: {...SILENT, warn: (what: unknown) => void warned.push(JSON.stringify(what))}});
    await well(service);
    const trades = deskTrades(50);
    await bookTrades(rig.pool, trades);
    await publish(trades);
    await waitFor(
      'the trades',
      () => service.stats().applied.trades + service.stats().applied.recovered >= 50,
      SYNC_MS,
    );
    await waitFor('the log', () => warned.some(line => /"task":"marking".*sync_marks/.test(line)), SYNC_MS);
    expect(service.stats().marking).toMatchObject({behind: null, error: expect.stringContaining('sync_marks')});
  });

  test('finds by its sweep what no event told', async () => {
    await haveDue(10);
    const service = start({intervals: {...QUICK, marking: 300}});
    await ready(service);
    await waitFor('the first sweep', async () => (await marked()).positions === 10, SYNC_MS);
    await rig.pool.query(`UPDATE execution.positions SET market_value = 0, last_price = 0`);
    await waitFor('the next sweep', async () => (await marked()).positions === 10, SYNC_MS);
  });
});
