import {expect, test} from 'vitest';
import {bookTrades, deskTrades, reckoned} from '../../helpers/desk/desk-trades.ts';
import {slotRigEachTest} from '../../helpers/desk/slot-rig.ts';
import {applied} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = slotRigEachTest({max_slot_wal_keep_size: '32MB', min_wal_size: '32MB', max_wal_size: '32MB'});
const {reading, synced, value} = rig;

const gaps = () => value(`SELECT string_agg(reason, ' ' ORDER BY id) FROM analytics.sync_gaps`);
const walStatus = () => value(`SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'tradetop_sync'`);
/** Ends whoever reads the slot, and drops it. */
const dropSlot = () =>
  waitFor('the slot to be dropped', async () => {
    await rig.pool.query(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active`);
    await rig.pool.query(`SELECT pg_drop_replication_slot('tradetop_sync')`);
    return true;
  });
/** Writes so many MiB of WAL that have nothing to do with the desk. */
const writeWal = async (mib: number): Promise<void> => {
  await rig.pool.query('CREATE TABLE IF NOT EXISTS noise (text text)');
  for (let done = 0; done < mib; done += 8) {
    await rig.pool.query(`INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 8192)`);
    await rig.pool.query('TRUNCATE noise; SELECT pg_switch_wal()');
  }
};

test('a server that stops does not wait for the worker, and no trade is lost', async () => {
  const trades = deskTrades(400);
  const service = rig.start();
  await reading(service);
  await bookTrades(rig.pool, trades.slice(0, 100));
  await rig.server.restart();
  // It was not ended the hard way, after a time.
  expect(await rig.server.log()).toMatch(/database system was shut down at/);
  await bookTrades(rig.pool, trades.slice(100, 200));
  await rig.server.kill9();
  await rig.server.restart();
  await bookTrades(rig.pool, trades.slice(200));
  await synced(trades);
  expect(await gaps()).toBe('first_start');
  expect(service.stats().applied.recovered).toBe(0);
});

test('a worker is killed again and again, and every trade counts once', async () => {
  const trades = deskTrades(2000);
  let child = rig.spawn(['--worker', 'one']);
  await reading();
  for (let at = 0; at < trades.length; at += 200) {
    await bookTrades(rig.pool, trades.slice(at, at + 150));
    const before = await value('SELECT count(*) FROM analytics.sync_ledger');
    child.kill('SIGKILL');
    expect(await child.ended).toBe('SIGKILL');
    await bookTrades(rig.pool, trades.slice(at + 150, at + 200));
    child = rig.spawn(['--worker', 'one']);
    await waitFor('more', async () => (await value('SELECT count(*) FROM analytics.sync_ledger')) !== before, SYNC_MS);
  }
  await synced(trades);
  expect(await gaps()).toBe('first_start');
  child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
});

test('of two workers one waits, well, until the other one is gone', async () => {
  const trades = deskTrades(200);
  const one = rig.spawn(['--worker', 'one']);
  await reading();
  const two = rig.start({worker: 'two'});
  await waitFor('the second one to wait', () => /active|another worker/.test(two.stats().link.error ?? ''), SYNC_MS);
  expect(two.trouble()).toBeUndefined();
  await bookTrades(rig.pool, trades.slice(0, 100));
  await synced(trades.slice(0, 100));
  expect(two.stats().applied.trades).toBe(0);
  one.kill('SIGKILL');
  await bookTrades(rig.pool, trades.slice(100));
  await synced(trades);
  await waitFor('the second one to read', () => two.stats().link.error === null, SYNC_MS);
  expect(await gaps()).toBe('first_start');
});

test('a slot that is dropped is made anew, and what it did not bring is found', async () => {
  const trades = deskTrades(300);
  const service = rig.start();
  await reading(service);
  await bookTrades(rig.pool, trades.slice(0, 100));
  await synced(trades.slice(0, 100));
  await dropSlot();
  await bookTrades(rig.pool, trades.slice(100, 200));
  // What a slot that is gone did not bring may be a deletion or a correction.
  await rig.pool.query(`DELETE FROM execution.trades WHERE trade_id = 't7'`);
  await rig.pool.query(`UPDATE execution.trades SET price = 5 WHERE trade_id = 't8'`);
  await waitFor('the new slot', () => walStatus(), SYNC_MS);
  await bookTrades(rig.pool, trades.slice(200));
  await synced(reckoned(trades.filter((_, i) => i !== 7).map(t => (t.tradeId === 't8' ? {...t, price: '5'} : t))));
  expect(await gaps()).toBe('first_start lost');
});

test('a slot that the server has given up is made anew, and what it did not bring is found', async () => {
  const trades = deskTrades(300);
  const first = rig.start();
  await reading(first);
  await bookTrades(rig.pool, trades.slice(0, 100));
  await synced(trades.slice(0, 100));
  await first.stop();
  await bookTrades(rig.pool, trades.slice(100, 200));
  await waitFor('the slot to be lost', async () => {
    await writeWal(64);
    await rig.pool.query('CHECKPOINT');
    return (await walStatus()) === 'lost';
  });
  const second = rig.start();
  await reading(second);
  await bookTrades(rig.pool, trades.slice(200));
  await synced(trades);
  expect(await gaps()).toBe('first_start lost');
  expect(await walStatus()).toBe('reserved');
});

test('WAL of others is not kept for the slot of an idle desk', async () => {
  const service = rig.start();
  await reading(service);
  await writeWal(64);
  await rig.pool.query('CHECKPOINT');
  await waitFor('the figures', () => (service.stats().slot?.lag_bytes ?? Number.POSITIVE_INFINITY) < 1e6, SYNC_MS);
  const kept = () =>
    value('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) FROM pg_replication_slots');
  await waitFor('the position', async () => Number(await kept()) < 2e6, SYNC_MS);
  expect(service.trouble()).toBeUndefined();
});

test.each([
  ['was advanced by somebody', `SELECT pg_replication_slot_advance('tradetop_sync', pg_current_wal_lsn())`],
  ['is of another cluster', `UPDATE analytics.sync_slots SET system_id = '1', lsn = 'FFFF/0'`],
  ['was ahead of a WAL that ends earlier', `UPDATE analytics.sync_slots SET lsn = 'FFFF/0'`],
])('a position that %s leads to a pass over all trades', async (_, change) => {
  const trades = deskTrades(200);
  await bookTrades(rig.pool, trades.slice(0, 50));
  const first = rig.start();
  await reading(first);
  await first.stop();
  await bookTrades(rig.pool, trades.slice(50, 100));
  await rig.pool.query(change);
  const second = rig.start();
  await reading(second);
  await bookTrades(rig.pool, trades.slice(100));
  await synced(trades);
  expect(await gaps()).toBe('first_start lost');
});

test('a publication that loses a table is told, and what was not published is found', async () => {
  const trades = deskTrades(300);
  await bookTrades(rig.pool, trades.slice(0, 20));
  const service = rig.start();
  await reading(service);
  await rig.pool.query('ALTER PUBLICATION tradetop DROP TABLE execution.trades');
  await waitFor('it to be told', () => /lacks execution.trades/.test(service.stats().link.error ?? ''), SYNC_MS);
  await bookTrades(rig.pool, trades.slice(20, 100));
  await rig.pool.query('ALTER PUBLICATION tradetop ADD TABLE execution.trades');
  await synced(trades.slice(0, 100));
  await waitFor('it to be over', () => service.stats().link.error === null, SYNC_MS);
  expect(await gaps()).toBe('first_start lost');
  // Lost and back again between two looks, or while no worker runs.
  await service.stop();
  await rig.pool.query('ALTER PUBLICATION tradetop DROP TABLE execution.trades');
  await bookTrades(rig.pool, trades.slice(100, 200));
  await rig.pool.query('ALTER PUBLICATION tradetop ADD TABLE execution.trades');
  await reading(rig.start());
  await bookTrades(rig.pool, trades.slice(200));
  await synced(trades);
  expect(await gaps()).toBe('first_start lost lost');
});

test('a publication that is made anew while no worker runs', async () => {
  const trades = deskTrades(200);
  const first = rig.start();
  await reading(first);
  await first.stop();
  await rig.pool.query('DROP PUBLICATION tradetop');
  await bookTrades(rig.pool, trades.slice(0, 100));
  await rig.pool.query(`CREATE PUBLICATION tradetop FOR TABLE execution.trades, execution.orders, execution.positions,
    data_ingestion.market_data WITH (publish_via_partition_root = true)`);
  await reading(rig.start());
  await bookTrades(rig.pool, trades.slice(100));
  await synced(trades);
});

test('a column that somebody adds, renames or drops changes nothing', async () => {
  const trades = deskTrades(300);
  const service = rig.start();
  await reading(service);
  await bookTrades(rig.pool, trades.slice(0, 100));
  await rig.pool.query(`ALTER TABLE execution.trades ADD COLUMN venue text DEFAULT 'X', ADD COLUMN blob bytea`);
  await bookTrades(rig.pool, trades.slice(100, 200));
  await rig.pool.query('ALTER TABLE execution.trades DROP COLUMN blob, DROP COLUMN settlement_date');
  await bookTrades(rig.pool, trades.slice(200));
  await synced(trades);
  await applied(service, {trades: 300});
});

test('a transaction that is open while the server gives up the slot is found when it commits', async () => {
  const trades = deskTrades(200);
  await bookTrades(rig.pool, trades.slice(0, 100));
  const service = rig.start();
  await reading(service);
  const client = await rig.pool.connect();
  await client.query('BEGIN');
  await bookTrades(client, trades.slice(100));
  await waitFor('the slot to be lost', async () => {
    await writeWal(32);
    await rig.pool.query('CHECKPOINT');
    return (await walStatus()) === 'lost' || /is made once/.test(service.stats().link.error ?? '');
  });
  await client.query('COMMIT');
  client.release();
  await synced(trades);
  await reading(service);
  expect(await gaps()).toBe('first_start lost');
});

test('a database that takes no writes is waited for', async () => {
  const trades = deskTrades(200);
  const service = rig.start();
  await reading(service);
  const {database} = rig.target;
  await rig.pool.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
  await rig.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'tradetop sync%'`);
  const client = await rig.pool.connect();
  await client.query('SET default_transaction_read_only = off');
  await bookTrades(client, trades);
  await waitFor(
    'the failure',
    () => /default_transaction_read_only is on for database/.test(service.trouble() ?? ''),
    SYNC_MS,
  );
  await client.query(`ALTER DATABASE ${database} RESET default_transaction_read_only`);
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'tradetop sync%'`);
  client.release();
  await synced(trades);
  expect(await gaps()).toBe('first_start');
});

test('trade ids come through to the last byte', async () => {
  const ids = ['\u{feff}bom', `a'b"c\\d`, 'line\nbreak', 'caf\u0301e', '𝛼\u200b', ' '];
  const service = rig.start();
  await reading(service);
  await rig.pool.query(
    `INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
     SELECT unnest($1::text[]), 'A', 'X', 1, 2, now()`,
    [ids],
  );
  await applied(service, {trades: ids.length});
  const {rows} = await rig.pool.query('SELECT trade_id FROM analytics.sync_ledger');
  expect(rows.map(row => row.trade_id).toSorted()).toEqual(ids.toSorted());
});
