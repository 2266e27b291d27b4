import {describe, expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import type {SyncChild} from '../../helpers/desk/sync-child.ts';
import {rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {type Fate, startStatementProxy} from '../../helpers/servers/statement-proxy.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

// Redis cuts a subscriber off here that lags by 256 KiB, so that a frozen one does not take long.
const rig = rigEachTest({redis: {extra: ['client-output-buffer-limit pubsub 262144 262144 0']}});
const {subscribed, synced} = rig;
const publish = async (trades: readonly TradeEvent[]): Promise<void> => {
  await rig.publish(trades);
  await rig.bus.publish(
    'data_sync:market_data',
    `{"type": "market_data_updated", "service": "data_ingestion", "data": {"symbol": "AAPL", "close": ${100 + Math.random()}}, "timestamp": "${new Date().toISOString()}"}`,
  );
};

const BATCH = ['pg/session', 'BEGIN', 'sync/lock_pairs', 'sync/known', 'sync/settle', 'sync/marks', 'COMMIT'] as const;
const MARKING = ['sync/marks_due', 'sync/mark_positions', 'sync/mark_views'] as const;
const MAINTENANCE = ['sync/last_safe', 'sync/gap_open', 'sync/heartbeat', 'sync/gaps_open', 'sync/gap_pass'] as const;
const statementOf = (sql: string): string | undefined => /tradetop:(\S+)/.exec(sql)?.[1] ?? sql.split(' ')[0];

describe('the service', () => {
  test('is killed around every statement that it sends, and counts every trade once', async () => {
    let child: SyncChild | undefined;
    let killed = Promise.withResolvers<void>();
    const proxy = await startStatementProxy(rig.desk.config, () => {
      child?.kill('SIGKILL');
      killed.resolve();
    });
    await rig.pool.query(
      `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('ACC-01', 'AAPL', 10, 100)`,
    );
    const trades = deskTrades(3000);
    let at = 0;
    const died: string[] = [];
    // The statements of the connections for batches and for marking, and those for gaps and heartbeats.
    const plan: readonly (readonly [string, string, Fate])[] = [
      ...BATCH.flatMap(statement => [
        ['tradetop sync', statement, 'before'] as const,
        ['tradetop sync', statement, 'after'] as const,
      ]),
      ...MARKING.map(statement => ['tradetop sync marking', statement, 'after'] as const),
      ...MAINTENANCE.map(statement => ['tradetop sync maintenance', statement, 'after'] as const),
    ];
    for (const [application, statement, fate] of plan) {
      let done = false;
      killed = Promise.withResolvers();
      proxy.decide((name, sql) => {
        if (done || name !== application || statementOf(sql) !== statement) return 'pass';
        done = true;
        died.push(`${fate} ${statement}`);
        return fate;
      });
      child = rig.spawn(['--worker', 'one'], {pgPort: proxy.port});
      let dead = false;
      void killed.promise.then(() => (dead = true));
      // It may be killed before it has subscribed.
      await Promise.race([subscribed(), killed.promise]);
      while (!dead) {
        const some = trades.slice(at, at + 10);
        at += 10;
        await bookTrades(rig.pool, some);
        // Some trades come twice; some that were recovered come late.
        await publish([...some, ...some.slice(0, 3), ...trades.slice(Math.max(0, at - 40), at - 10)]);
        await Promise.race([killed.promise, new Promise(resolve => setTimeout(resolve, 60))]);
      }
      expect(await child.ended).toBe('SIGKILL');
      const unsubscribed = async () => (await rig.bus.call('PUBSUB', 'NUMPAT')) === 0;
      await waitFor('its subscription to end', unsubscribed, SYNC_MS);
    }
    proxy.decide(() => 'pass');
    child = rig.spawn(['--worker', 'one'], {pgPort: proxy.port});
    await synced(trades.slice(0, at));
    const isMarked = async () => {
      const {rows} = await rig.pool.query(`SELECT p.last_price = m.price AND v.last_price = m.price AS marked
        FROM execution.positions AS p JOIN analytics.portfolio_summary AS v USING (account_id, symbol)
        JOIN analytics.sync_marks AS m USING (symbol)`);
      return rows[0]?.marked;
    };
    await waitFor('the position to be marked to the last price', isMarked, SYNC_MS);
    // It was killed at every boundary of the plan.
    expect(died).toEqual(plan.map(([, statement, fate]) => `${fate} ${statement}`));
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await proxy.close();
  });

  test('is suspended until Redis cuts it off, and recovers what it missed', async () => {
    const trades = deskTrades(4000, 9);
    const child = rig.spawn(['--worker', 'two']);
    await subscribed();
    await bookTrades(rig.pool, trades.slice(0, 100));
    await publish(trades.slice(0, 100));
    await synced(trades.slice(0, 100));
    child.kill('SIGSTOP');
    const suspendedAt = Date.now();
    await bookTrades(rig.pool, trades.slice(100, 3900));
    for (let i = 100; (await rig.bus.call('PUBSUB', 'NUMPAT')) === 1; i = i < 3800 ? i + 100 : 100) {
      await publish(trades.slice(i, i + 100));
    }
    // Long enough for it to tell its suspension from a network failure.
    await waitFor('6 s of suspension', () => Date.now() - suspendedAt > 6000);
    child.kill('SIGCONT');
    await subscribed();
    await bookTrades(rig.pool, trades.slice(3900));
    await publish(trades.slice(3900));
    await synced(trades);
    // The first start's gap may still have been open, and have recovered them all before this one was recorded.
    const declared = async (): Promise<true> => {
      const {rows} = await rig.pool.query(
        `SELECT reason, started_at < to_timestamp($1::float8 / 1000) + interval '1 s' AS from_then
           FROM analytics.sync_gaps WHERE reason <> 'first_start'`,
        [suspendedAt],
      );
      expect(rows).toEqual([{reason: 'frozen', from_then: true}]);
      return true;
    };
    await waitFor('a gap that begins with the suspension', declared, SYNC_MS);
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });
});
