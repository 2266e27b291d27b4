import {describe, expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {durable, STREAM} from '../../../src/bus/streams.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {retryQuarantine} from '../../../src/sync/retry.ts';
import {inTransaction, runnerOf} from '../../../src/sync/session.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {bookTrades, deskTrades, tradeMessage} from '../../helpers/desk/desk-trades.ts';
import {applied, ready, rigEachTest, SILENT, well} from '../../helpers/desk/sync-rig.ts';
import {startProxy} from '../../helpers/servers/proxy.ts';
import {freshDatabase, runSql} from '../../helpers/servers/servers.ts';
import {startStatementProxy} from '../../helpers/servers/statement-proxy.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

// The settings that a test gives its database do not apply to the test's own sessions.
const rig = rigEachTest({
  pool: {max: 3, options: '-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c datestyle=ISO'},
});
const {start, publish, synced, cleanups} = rig;
const open = (pgPort?: number): Pg => rig.open({name: 'trap', max: 1, statementMs: 2000, lockMs: 1000}, pgPort);

describe('an answer that never comes', () => {
  test('leaves nothing behind: its connection is closed, and all is done again on another', async () => {
    const proxy = await startStatementProxy(rig.desk.config, () => {});
    cleanups.push(proxy.close);
    const service = start({pgPort: proxy.port});
    await ready(service);
    const trades = deskTrades(40);
    // The path of two connections goes dead, and closes neither. The server did what it was asked: it has even committed.
    const silenced = new Set<string>();
    proxy.decide((application, sql) => {
      const hit = application === 'tradetop sync' ? /^COMMIT/.test(sql) : /tradetop:sync\/heartbeat/.test(sql);
      if (!hit || silenced.has(application)) return 'pass';
      silenced.add(application);
      return 'after';
    });
    await publish(trades.slice(0, 20));
    await waitFor('both paths to go dead', () => silenced.size === 2, SYNC_MS);
    await publish(trades.slice(20));
    await synced(trades);
    const heartbeatAt = async () =>
      (await rig.pool.query('SELECT heartbeat_at::text AS at FROM analytics.sync_workers')).rows[0].at;
    const before = await heartbeatAt();
    await waitFor('a heartbeat on another connection', async () => (await heartbeatAt()) > before, SYNC_MS);
    const repeated = () => service.stats().applied.duplicates === 20;
    await waitFor('the batch that was committed without an answer to be found', repeated, SYNC_MS);
    expect(service.stats().applied).toMatchObject({trades: 20, quarantined: 0});
  });

  test('after the login is given up: the next connection works', async () => {
    const proxy = await startStatementProxy(rig.desk.config, () => {});
    cleanups.push(proxy.close);
    let silenced = 0;
    proxy.decide((application, sql) =>
      application === 'tradetop sync' && /tradetop:pg\/session/.test(sql) && silenced++ < 1 ? 'before' : 'pass',
    );
    const service = start({pgPort: proxy.port});
    const trades = deskTrades(10);
    await waitFor('the link to be ready', () => service.stats().link.state === 'ready', SYNC_MS);
    await publish(trades);
    await synced(trades);
    expect(silenced).toBeGreaterThan(1);
  });

  test('to the connection attempt is given up as well', async () => {
    const proxy = await startProxy({host: rig.desk.config.host, port: rig.desk.config.port});
    cleanups.push(proxy.close);
    await proxy.set('blackhole');
    const service = start({pgPort: proxy.port});
    const trades = deskTrades(10);
    await waitFor('the link to be ready', () => service.stats().link.state === 'ready', SYNC_MS);
    await publish(trades);
    await waitFor('the service to report the failure', () => service.stats().failing?.error, SYNC_MS);
    expect(service.stats().failing?.error).toMatch(/timeout/);
    await proxy.set('pass');
    await synced(trades);
  });

  test('does not reach the next user of the pool', async () => {
    const proxy = await startStatementProxy(rig.desk.config, () => {});
    cleanups.push(proxy.close);
    const db = open(proxy.port);
    let silenced = 0;
    proxy.decide((_application, sql) => (/last_safe/.test(sql) && silenced++ === 0 ? 'after' : 'pass'));
    await expect(db.query('sync/last_safe', [], {timeoutMs: 300})).rejects.toThrow('Query read timeout');
    // On a connection that had gone back to the pool this would get the other query's answer, or its timeout.
    expect(Object.keys((await db.query('sync/gaps_open', [60], {timeoutMs: 2000}))[0] ?? {})).toEqual([]);
    expect(await db.query('sync/last_safe')).toEqual([expect.objectContaining({safe_at: null})]);
    expect(db.counts()).toMatchObject({inUse: 0, idle: 1});
  });
});

describe('a killed backend', () => {
  const kill = (name: string) =>
    rig.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = $1`,
      [name],
    );
  const gone = (name: string) =>
    waitFor('the backend to end', async () => {
      const {rows} = await rig.pool.query('SELECT FROM pg_stat_activity WHERE application_name = $1', [name]);
      return rows.length === 0;
    });

  test('between two statements of a transaction ends nothing but that transaction', async () => {
    const db = open();
    const broken = inTransaction(db, async ask => {
      await ask('sync/last_safe');
      await kill('trap');
      await gone('trap');
      return ask('sync/last_safe');
    });
    await expect(broken).rejects.toThrow();
    expect(await inTransaction(db, ask => ask('sync/gaps_open', [60]))).toEqual([]);
  });

  test('of an idle connection is noticed by nobody', async () => {
    const db = open();
    await db.query('sync/last_safe');
    await kill('trap');
    await gone('trap');
    await waitFor('the pool to drop its connection', () => db.counts().idle === 0);
    expect(await db.query('sync/gaps_open', [60])).toEqual([]);
  });
});

describe('settings of the database or the role', () => {
  test('change no digit, no day and no time', async () => {
    const set = (setting: string) => runSql(rig.desk.config, `ALTER DATABASE ${rig.desk.name} SET ${setting}`);
    await set(`timezone = 'Pacific/Auckland'`);
    await set(`datestyle = 'German, DMY'`);
    await set(`intervalstyle = 'sql_standard'`);
    await set(`default_transaction_isolation = 'serializable'`);
    await set(`statement_timeout = '150ms'`);
    await set(`lock_timeout = '50ms'`);
    await set(`idle_in_transaction_session_timeout = '1s'`);
    await set(`standard_conforming_strings = off`);
    await set(`backslash_quote = off`);
    await set(`array_nulls = off`);
    await set(`extra_float_digits = -15`);
    await set(`bytea_output = 'escape'`);
    await set(`search_path = pg_temp`);
    // Around midnight in UTC, which is noon of the next day in Auckland; half of them are in the table already.
    const midnight = Date.UTC(2026, 10, 20, 23, 59, 0) * 1000;
    const trades = deskTrades(60).map((t, i) => ({...t, executedAt: midnight + i * 2_000_003}));
    await bookTrades(rig.pool, trades.slice(0, 30));
    const service = start();
    await ready(service);
    await bookTrades(rig.pool, trades.slice(30));
    const holder = await rig.pool.connect();
    try {
      // A batch may wait longer for a lock than the role's own lock timeout.
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE analytics.sync_ledger IN EXCLUSIVE MODE');
      await publish(trades);
      const isWaiting = async (): Promise<boolean> => {
        const {rows} = await rig.pool.query(
          `SELECT FROM pg_stat_activity WHERE application_name = 'tradetop sync' AND wait_event_type = 'Lock'
             AND clock_timestamp() - query_start > interval '400 ms'`,
        );
        return rows.length > 0;
      };
      await waitFor('the batch to wait for the lock', isWaiting, SYNC_MS);
      await holder.query('COMMIT');
    } finally {
      holder.release();
    }
    await synced(trades);
    await applied(service, {trades: 30, adopted: 30, quarantined: 0});
    expect(service.stats().retries).toBe(0);
    const {rows} = await rig.pool.query(`SELECT abs(extract(epoch FROM now() - safe_at)) < 30 AS safe,
      abs(extract(epoch FROM now() - started_at)) < 60 AS started FROM analytics.sync_workers`);
    expect(rows).toEqual([{safe: true, started: true}]);
    expect(
      (await rig.pool.query('SELECT DISTINCT trade_date::text AS day FROM analytics.sync_ledger ORDER BY 1')).rows,
    ).toEqual([{day: '2026-11-20'}, {day: '2026-11-21'}]);
  });
});

describe('a server whose disk is full', () => {
  test('is said to be that, and takes every trade once there is space', async () => {
    const trades = deskTrades(20);
    await rig.pool.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON analytics.sync_ledger EXECUTE FUNCTION full_disk()`);
    const service = start();
    await well(service);
    await rig.publish(trades);
    const failing = () => service.stats().failing?.error.includes('No space left on device') === true;
    await waitFor('the worker to say why', failing, SYNC_MS);
    expect(service.stats().applied).toMatchObject({trades: 0, quarantined: 0});
    await rig.pool.query('DROP TRIGGER full_disk ON analytics.sync_ledger; DROP FUNCTION full_disk()');
    await synced(trades);
    expect(service.stats()).toMatchObject({failing: null, applied: {quarantined: 0}});
  });
});

describe('a batch', () => {
  test('with a trade, a position and a price more than once applies each of them once', async () => {
    const trades = deskTrades(5);
    const line = durable(rig.bus);
    const now = Date.now();
    for (let round = 0; round < 4; round++) {
      for (const trade of trades) await line.publish('data_sync:trades', tradeMessage(trade));
      const stamp = new Date(now + round).toISOString();
      await line.publish(
        'data_sync:positions',
        `{"type": "position_updated", "service": "s", "data": {"account_id": "A", "symbol": "IBM", "quantity": ${round}, "avg_price": 1}, "timestamp": "${stamp}"}`,
      );
      await line.publish(
        'data_sync:market_data',
        `{"type": "market_data_updated", "service": "s", "data": {"symbol": "IBM", "close": ${round + 10}}, "timestamp": "${stamp}"}`,
      );
    }
    const service = start({mode: 'streams'});
    await synced(trades);
    await applied(service, {trades: 5, positions: 1, marks: 1, quarantined: 0});
    expect(service.stats()).toMatchObject({retries: 0, batches: 1});
    const view = async (): Promise<true> => {
      const {rows} = await rig.pool.query(
        `SELECT quantity, last_price FROM analytics.portfolio_summary WHERE symbol = 'IBM'`,
      );
      expect(rows).toEqual([{quantity: '3.0000', last_price: '13.0000'}]);
      return true;
    };
    await waitFor('the view of the position, marked', view, SYNC_MS);
    const pending = async () => ((await rig.bus.call('XPENDING', STREAM, 'tradetop')) as unknown[])[0];
    await waitFor('all entries to be acknowledged', async () => (await pending()) === 0, SYNC_MS);
  });

  test('keeps all digits of an event that it cannot apply, beyond those of a double, until it can', async () => {
    await rig.pool.query(`ALTER TABLE analytics.sync_ledger ADD CONSTRAINT trap CHECK (trade_id <> 't1')`);
    const [first, second] = deskTrades(2) as [TradeEvent, TradeEvent];
    const exact = {
      ...second,
      totalValue: '9007199254740993.1234',
      realizedPnl: '-9007199254740993.0001',
      winRate: '0.1234567891',
    };
    const service = start();
    await ready(service);
    await publish([first, exact]);
    await waitFor('the quarantine', () => service.stats().applied.quarantined === 1, SYNC_MS);
    await synced([first]);
    const {rows} = await rig.pool.query(`SELECT event->>'totalValue' AS value, event->>'realizedPnl' AS pnl,
      jsonb_typeof(event->'totalValue') AS type FROM analytics.sync_quarantine`);
    expect(rows).toEqual([{value: '9007199254740993.1234', pnl: '-9007199254740993.0001', type: 'string'}]);
    // Its row comes into the table meanwhile; the repair leaves it to the quarantine, which has more digits.
    await bookTrades(rig.pool, [exact]);
    await rig.bus.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    const isFilled = async (): Promise<boolean> => {
      const gaps = await rig.pool.query(
        `SELECT FROM analytics.sync_gaps WHERE reason = 'disconnect' AND filled_at IS NOT NULL`,
      );
      return gaps.rows.length > 0;
    };
    await waitFor('the gap to be filled', isFilled, SYNC_MS);
    await synced([first]);
    await rig.pool.query('ALTER TABLE analytics.sync_ledger DROP CONSTRAINT trap');
    expect(await retryQuarantine(runnerOf(open()))).toEqual({applied: 1, refused: [], stopped: false});
    await synced([first, exact]);
    // To bring them once more changes nothing.
    await publish([first, exact]);
    await waitFor('the repetitions', () => service.stats().applied.duplicates === 2, SYNC_MS);
    await synced([first, exact]);
  });
});

describe('two workers with the same name', () => {
  test.each(['pubsub', 'streams'] as const)('count every trade once, by %s', async mode => {
    const services = [start({mode}), start({mode})];
    for (const service of services) await well(service);
    const trades = deskTrades(300);
    const line = durable(rig.bus);
    for (const trade of trades) await line.publish('data_sync:trades', tradeMessage(trade));
    await synced(trades);
    for (const service of services) await service.stop(3000);
    expect(
      (await rig.pool.query('SELECT worker, stopped_at IS NOT NULL AS stopped FROM analytics.sync_workers')).rows,
    ).toEqual([{worker: 'one', stopped: true}]);
    await synced(trades);
  });
});

describe('a database without its tables', () => {
  test('is waited for, and the log says what is missing and what to do', async () => {
    const empty = await freshDatabase();
    cleanups.push(empty.drop);
    const warned: string[] = [];
    const service = start({
      trading: targetOf(empty),
      log: {...SILENT, warn: (what: unknown) => void warned.push(JSON.stringify(what))},
    });
    const explained = () => warned.some(line => /sync_workers/.test(line) && /tradetop setup/.test(line));
    await waitFor('the log to give the reason', explained, SYNC_MS);
    await waitFor('the link to be ready', () => service.stats().link.state === 'ready', SYNC_MS);
    expect(await service.stop(5000)).toBe(true);
  });
});
