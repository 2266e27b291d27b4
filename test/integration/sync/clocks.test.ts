import {expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {bookTrades, deskTrades, tradeMessage} from '../../helpers/desk/desk-trades.ts';
import type {SyncChild} from '../../helpers/desk/sync-child.ts';
import {QUICK, ready, rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const HOUR = 3_600_000;

const rig = rigEachTest();
const {publish, subscribed, synced} = rig;

/** The synchroniser on a machine whose clock is wrong by this many milliseconds. */
const onWrongClock = (ms: number): SyncChild =>
  rig.spawn(['--worker', 'one'], {
    env: {
      NODE_OPTIONS: `--import "data:text/javascript,const now=Date.now;Date.now=()=>now()+(${ms});globalThis.wrong=1"`,
    },
  });
const gaps = async () =>
  (
    await rig.pool.query(`SELECT reason, recovered::int, filled_at IS NOT NULL AS filled,
      abs(extract(epoch FROM ended_at - now())) < 60 AS now FROM analytics.sync_gaps ORDER BY id`)
  ).rows;
const safeWithin = (seconds: number) =>
  waitFor(
    `safe_at to be within ${seconds} s of the database's present`,
    async () => {
      const {rows} = await rig.pool.query(
        `SELECT extract(epoch FROM now() - safe_at)::float8 AS behind FROM analytics.sync_workers WHERE safe_at IS NOT NULL`,
      );
      return Math.abs(rows[0]?.behind) < seconds;
    },
    SYNC_MS,
  );
/** Waits until the gap of this number, from 0, is filled. */
const gapFilled = (number: number) =>
  waitFor(`gap ${number} to be filled`, async () => (await gaps())[number]?.filled, SYNC_MS);

test.each([
  ['ahead', 2 * HOUR],
  ['behind', -2 * HOUR],
])('a worker whose clock is hours %s recovers what its gaps missed', async (_name, wrong) => {
  const trades = deskTrades(60);
  let child = onWrongClock(wrong);
  await subscribed();
  await safeWithin(10);
  await gapFilled(0);
  // These are not published: only the gap of the lost connection can bring them.
  await bookTrades(rig.pool, trades.slice(0, 20));
  await rig.bus.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await gapFilled(1);
  expect((await gaps()).slice(1)).toEqual([{reason: 'disconnect', recovered: 20, filled: true, now: true}]);
  child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  await bookTrades(rig.pool, trades.slice(20, 40));
  // The clock was corrected, by too much: what was written before is in the database's time and still holds.
  child = onWrongClock(-wrong);
  await subscribed();
  await gapFilled(2);
  expect((await gaps()).slice(2)).toEqual([{reason: 'restart', recovered: 20, filled: true, now: true}]);
  await publish(trades.slice(40));
  await synced(trades);
});

test.each([
  ['ahead', 5 * HOUR],
  ['behind', -5 * HOUR],
])('a publisher whose clock is hours %s changes neither safe_at nor the sweep', async (_name, wrong) => {
  const running = rig.start({intervals: {...QUICK, sweep: 300, settle: 300}});
  await ready(running);
  const trades = deskTrades(30);
  const then = new Date(Date.now() + wrong).toISOString().replace('Z', '');
  const wrongly = (trade: TradeEvent) => tradeMessage(trade).replace(/"timestamp": "[^"]+"/, `"timestamp": "${then}"`);
  const holder = await rig.pool.connect();
  try {
    // They are in the table for their cost, and too old for a sweep.
    await holder.query('BEGIN');
    await bookTrades(holder, trades.slice(0, 20));
    await holder.query(`UPDATE execution.trades SET created_at = now() - interval '2 days'`);
    await holder.query('COMMIT');
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE analytics.performance_metrics IN ACCESS EXCLUSIVE MODE');
    await publish(trades.slice(0, 10), wrongly);
    await waitFor('the events to be received', () => running.stats().channels[0]?.received === 10, SYNC_MS);
    const {rows} = await holder.query('SELECT heartbeat_at FROM analytics.sync_workers');
    const nextHeartbeat = async () => {
      const next = await rig.pool.query(
        `SELECT extract(epoch FROM heartbeat_at - safe_at)::float8 AS behind FROM analytics.sync_workers WHERE heartbeat_at > $1`,
        [rows[0].heartbeat_at],
      );
      return next.rows[0];
    };
    const heartbeat = await waitFor('a heartbeat while the events wait', nextHeartbeat, SYNC_MS);
    expect(Math.abs(heartbeat.behind)).toBeLessThan(30);
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  // While events with that time keep coming, the sweep still finds a trade that was not published.
  await bookTrades(rig.pool, trades.slice(20));
  const swept = async (): Promise<boolean> => {
    await publish(trades.slice(10, 20), wrongly);
    return running.stats().applied.recovered === 10;
  };
  await waitFor('the sweep to find what was not published', swept, SYNC_MS);
  await synced(trades);
});
