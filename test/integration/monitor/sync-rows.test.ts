import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {RedisServer} from '../../../src/demo/redis.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql, readStatement} from '../../../src/io/sql.ts';
import {syncPoller} from '../../../src/monitor/sync.ts';
import {startSync} from '../../../src/sync/service.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {bookTrades, deskTrades, tradeMessage} from '../../helpers/desk/desk-trades.ts';
import {type Database, freshDatabase, ownRedis, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {failureIn, monitorPool, poolOfRole, readerOf, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let trading: Pg;
const pools: Pg[] = [];
const roles: string[] = [];

const poolAs = (granted: string, on: Database = desk) => poolOfRole(on, granted, {pools, roles});
const read = async (pool: Pg = trading) => {
  const [row] = (await readerOf(syncPoller, {trading: pool})()).sync;
  if (row === undefined) throw new Error('the reading gave no row');
  return row;
};

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'admin');
  trading = monitorPool(targetOf(desk));
  pools.push(trading);
});
afterAll(async () => {
  await Promise.all(pools.map(pool => pool.close()));
  await admin?.end();
  await desk?.drop();
  await runSql({...desk.config, database: 'postgres'}, roles.map(role => `DROP ROLE ${role};`).join(''));
});

describe('the rows of the synchroniser', () => {
  it('are empty where it has never run', async () => {
    expect(await read()).toEqual({
      workers: [],
      gaps: [],
      quarantine: [],
      totals: {
        ledger: 0,
        ledgerExact: true,
        gapsOpen: 0,
        gapsFilled: 0,
        recovered: 0,
        oldestGapSeconds: undefined,
        quarantined: 0,
      },
    });
  });

  it('list workers, gaps and quarantine within limits, and count all of them', async () => {
    await admin.query(`
      INSERT INTO analytics.sync_workers (worker, mode, host, pid, started_at, heartbeat_at, stopped_at, stats)
        VALUES ('live', 'pubsub', 'h', 1, now() - interval '1 hour', now(), NULL, '{"batches": 7}'),
               ('gone', 'streams', 'h', 2, now() - interval '1 hour', now() - interval '90 seconds', NULL, '{}'),
               ('bye', 'pubsub', 'h', 3, now() - interval '1 hour', now() - interval '2 minutes', now() - interval '2 minutes', '[]'),
               ('of old', 'pubsub', 'h', 4, now() - interval '1 year', now() - interval '8 days', NULL, '{}'),
               (E'esc\\x1b[2J', 'pubsub', 'h', 5, now(), now() - interval '3 minutes', NULL,
                jsonb_build_object('x', repeat('y', 70000)));
      INSERT INTO analytics.sync_gaps (worker, reason, started_at, ended_at, recovered, passes, filled_at, error)
        SELECT 'live', 'disconnect', now() - interval '10 minutes', now() - n * interval '1 second', n, 1,
               CASE WHEN n > 60 THEN now() END, CASE WHEN n = 1 THEN 'timeout' END
          FROM generate_series(1, 130) AS n;
      INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason, resolved_at)
        SELECT 'trades', 'T-' || n, jsonb_build_object('text', repeat('z', 5000)), 'because', CASE WHEN n <= 5 THEN now() END
          FROM generate_series(1, 80) AS n;
    `);
    const {workers, gaps, quarantine, totals} = await read();
    expect(workers.map(w => w.worker)).toEqual(['live', 'gone', 'bye', 'esc␛[2J']);
    expect(workers[0]?.silentSeconds).toBeLessThan(60);
    expect(workers[1]?.silentSeconds).toBeGreaterThanOrEqual(90);
    expect(workers.map(w => w.stoppedAt !== undefined)).toEqual([false, false, true, false]);
    expect(workers.map(w => w.figures.batches)).toEqual([7, undefined, undefined, undefined]);
    expect(gaps).toHaveLength(100);
    expect(gaps.map(g => g.filledAt === undefined)).toEqual(gaps.map((_, i) => i < 50));
    expect(gaps.slice(0, 2).map(g => [g.recovered, g.error])).toEqual([
      [1, 'timeout'],
      [2, undefined],
    ]);
    expect(gaps[50]?.recovered).toBe(130);
    expect(quarantine).toHaveLength(50);
    expect(quarantine[0]).toMatchObject({key: 'T-80', kind: 'trades', reason: 'because', attempts: 1});
    expect(quarantine[0]?.event.length).toBe(2000);
    expect(totals).toMatchObject({gapsOpen: 60, gapsFilled: 70, recovered: (130 * 131) / 2, quarantined: 75});
    expect(totals.oldestGapSeconds).toBeGreaterThanOrEqual(60);
  });

  it('list the last worker however long ago it stopped', async () => {
    await admin.query(`UPDATE analytics.sync_workers SET heartbeat_at = heartbeat_at - interval '30 days'`);
    expect((await read()).workers.map(w => w.worker)).toEqual(['live']);
  });

  it('say that a gap waits for an older transaction', async () => {
    const other = await session(targetOf(desk), 'forgetful');
    await other.query('BEGIN');
    await other.query('SELECT pg_current_xact_id()');
    // Nothing has ended since that transaction began: it is not below a snapshot’s xmax.
    await admin.query(readStatement('sync/gap_open'), ['live', 'first_start', null, new Date().toISOString()]);
    await admin.query(`DELETE FROM analytics.sync_gaps WHERE reason <> 'first_start'`);
    const settled = async () => (await read()).gaps.map(gap => [gap.reason, gap.from, gap.settled]);
    expect(await settled()).toEqual([['first_start', undefined, false]]);
    await other.query('COMMIT');
    await waitFor('the gap to be settled', async () => (await settled())[0]?.[2] === true);
    await other.end();
  });

  it('count a ledger of any size without reading it', async () => {
    await admin.query(`
      INSERT INTO analytics.sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, source)
        SELECT 'L-' || n, 'ACC-01', 'AAPL', 'm', '2026-11-22', 1, 0, 'event' FROM generate_series(1, 1000) AS n`);
    expect((await read()).totals).toMatchObject({ledger: 1000, ledgerExact: true});
    await admin.query(`
      INSERT INTO analytics.sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, source)
        SELECT 'M-' || n, 'ACC-01', 'AAPL', 'm', '2026-11-22', 1, 0, 'event' FROM generate_series(1, 20000) AS n`);
    await admin.query('ANALYZE analytics.sync_ledger');
    expect((await read()).totals).toMatchObject({ledger: 21_000, ledgerExact: false});
    const {rows} = await admin.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${readStatement('monitor/sync_totals')}`);
    const scanned = [...JSON.stringify(rows).matchAll(/"Relation Name":"sync_ledger".*?"Actual Rows":([\d.]+)/g)];
    expect(scanned.map(match => Number(match[1]))).toEqual([1001]);
  });

  it.each(['tradetop_monitor', 'tradetop_operator'])('are read by %s', async role => {
    expect((await read(await poolAs(role))).totals.ledgerExact).toBe(false);
  });

  it('are denied to others, and not set up on a database of an older release, with the remedy', async () => {
    expect(await failureIn(readerOf(syncPoller, {trading: await poolAs('')})())).toMatchObject({
      why: 'denied',
      next: expect.stringContaining('tradetop_monitor'),
    });
    const none = await freshDatabase();
    const bare = monitorPool(targetOf(none));
    expect(await failureIn(readerOf(syncPoller, {trading: bare})())).toMatchObject({
      why: 'not_set_up',
      next: 'Run: tradetop setup',
    });
    await bare.close();
    await none.drop();
  });
});

describe('a synchroniser at work', () => {
  let redis: RedisServer;
  let own: Database;
  beforeAll(async () => {
    redis = await ownRedis();
    own = await cloneDesk();
  });
  afterAll(async () => {
    await own?.drop();
    await redis?.stop();
  });

  it.each(['pubsub', 'streams'] as const)(
    'is shown with its lag, its channels and its rejected messages: %s',
    async mode => {
      const bus = new Redis(redis.url);
      const owner = new pg.Pool({...own.config, max: 1});
      const pool = monitorPool(targetOf(own));
      const service = startSync({
        mode,
        trading: targetOf(own),
        redis: parseRedisUrl(redis.url),
        sql: loadSql(),
        log: {info: () => {}, warn: () => {}, error: () => {}},
        worker: mode,
        intervals: {heartbeat: 100},
      });
      try {
        await waitFor('the service to be ready', () => service.trouble() === undefined);
        const send = (channel: string, event: string) =>
          mode === 'pubsub'
            ? bus.publish(channel, event)
            : bus.xadd('data_sync:stream', '*', 'channel', channel, 'event', event);
        const trades = deskTrades(20, 1, mode);
        await bookTrades(owner, trades);
        for (const trade of trades) await send('data_sync:trades', tradeMessage(trade));
        await send('data_sync:trades', `{nope ${'x'.repeat(3000)}`);
        await send('data_sync:trades', 'x'.repeat(1_100_000));
        const seen = await waitFor('a heartbeat with the figures', async () => {
          const row = await read(pool);
          const told = row.workers.find(w => w.worker === mode);
          const group = mode === 'pubsub' || told?.figures.stream !== undefined;
          return told?.figures.rejects.length === 2 && (told.figures.commitP50 ?? 0) > 0 && group && told;
        });
        expect(seen).toMatchObject({mode, pid: process.pid, stoppedAt: undefined});
        expect(seen.silentSeconds).toBeLessThan(5);
        expect(seen.figures.rejected.toSorted()).toEqual([
          ['not_json', 1],
          ['oversized', 1],
        ]);
        expect(seen.figures.rejects.map(r => [r.reason, r.channel, r.text.length <= 100])).toEqual([
          ['oversized', 'data_sync:trades', true],
          ['not_json', 'data_sync:trades', true],
        ]);
        expect(seen.figures.channels[0]).toMatchObject({channel: 'data_sync:trades', received: 20});
        expect(seen.figures.stream === undefined).toBe(mode === 'pubsub');
      } finally {
        await service.stop();
        const after = await read(pool);
        expect(after.workers.find(w => w.worker === mode)?.stoppedAt).toBeDefined();
        bus.disconnect();
        await owner.end();
        await pool.close();
      }
    },
  );
});
