import {expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {bookTrades, deskTrades, tradeMessage} from '../../helpers/desk/desk-trades.ts';
import type {SyncChild} from '../../helpers/desk/sync-child.ts';
import {QUICK, ready, rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const HOUR = 3_600_000;

const rig = rigEachTest();
const {publish, subscribed} = rig;
const synced = (trades: readonly TradeEvent[]) => rig.synced(trades, 10_000);

/** The synchroniser on a machine whose clock is wrong by so many milliseconds. */
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
  waitFor(`what is safe to be within ${seconds} s of the database's present`, async () => {
    const {rows} = await rig.pool.query(
      `SELECT extract(epoch FROM now() - safe_at)::float8 AS behind FROM analytics.sync_workers WHERE safe_at IS NOT NULL`,
    );
    return Math.abs(rows[0]?.behind) < seconds;
  });
test.each([
  ['ahead', 2 * HOUR],
  ['behind', -2 * HOUR],
])('a machine whose clock is hours %s finds what its gaps missed', {timeout: 60_000}, async (_name, wrong) => {
  const trades = deskTrades(60);
  let child = onWrongClock(wrong);
  await subscribed();
  await safeWithin(10);
  await waitFor('the first gap to be filled', async () => (await gaps())[0]?.filled);
  // Nobody publishes these: only the gap that the lost connection leaves can bring them.
  await bookTrades(rig.pool, trades.slice(0, 20));
  await rig.bus.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await waitFor('the lost connection’s gap to be filled', async () => (await gaps())[1]?.filled);
  expect((await gaps()).slice(1)).toEqual([{reason: 'disconnect', recovered: 20, filled: true, now: true}]);
  child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  await bookTrades(rig.pool, trades.slice(20, 40));
  // The clock was put right, and by more than that: what was written before is the database's time and still holds.
  child = onWrongClock(-wrong);
  await subscribed();
  await waitFor('the gap between the two runs to be filled', async () => (await gaps())[2]?.filled);
  expect((await gaps()).slice(2)).toEqual([{reason: 'restart', recovered: 20, filled: true, now: true}]);
  await publish(trades.slice(40));
  await synced(trades);
});

test.each([
  ['ahead', 5 * HOUR],
  ['behind', -5 * HOUR],
])('a publisher whose clock is hours %s moves neither what is safe nor the sweep', async (_name, wrong) => {
  const running = rig.start({times: {...QUICK, sweep: 300, settle: 300}});
  await ready(running);
  const trades = deskTrades(30);
  const then = new Date(Date.now() + wrong).toISOString().replace('Z', '');
  const wrongly = (trade: TradeEvent) => tradeMessage(trade).replace(/"timestamp": "[^"]+"/, `"timestamp": "${then}"`);
  const holder = await rig.pool.connect();
  try {
    // They are in the table for their cost, and older than a sweep looks back.
    await holder.query('BEGIN');
    await bookTrades(holder, trades.slice(0, 20));
    await holder.query(`UPDATE execution.trades SET created_at = now() - interval '2 days'`);
    await holder.query('COMMIT');
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE analytics.performance_metrics IN ACCESS EXCLUSIVE MODE');
    await publish(trades.slice(0, 10), wrongly);
    await waitFor('the events', () => running.stats().channels[0]?.received === 10);
    const {rows} = await holder.query('SELECT heartbeat_at FROM analytics.sync_workers');
    const told = await waitFor('a sign of life while they wait', async () => {
      const next = await rig.pool.query(
        `SELECT extract(epoch FROM heartbeat_at - safe_at)::float8 AS behind FROM analytics.sync_workers WHERE heartbeat_at > $1`,
        [rows[0].heartbeat_at],
      );
      return next.rows[0];
    });
    expect(Math.abs(told.behind)).toBeLessThan(30);
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  // While events with that time go by without end, a trade that nobody published is found all the same.
  await bookTrades(rig.pool, trades.slice(20));
  await waitFor('the sweep to find what was not published', async () => {
    await publish(trades.slice(10, 20), wrongly);
    return running.stats().applied.recovered === 10;
  });
  await synced(trades);
});
