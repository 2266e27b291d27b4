import {describe, expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import type {SyncChild} from '../../helpers/desk/sync-child.ts';
import {rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {type Fate, startStatementProxy} from '../../helpers/servers/statement-proxy.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

// A subscriber may lag by a quarter of a megabyte here, so that a frozen one is cut off soon.
const rig = rigEachTest({redis: {extra: ['client-output-buffer-limit pubsub 262144 262144 0']}});
const {subscribed, synced} = rig;
const publish = async (trades: readonly TradeEvent[]): Promise<void> => {
  await rig.publish(trades);
  await rig.bus.publish(
    'data_sync:market_data',
    `{"type": "market_data_updated", "service": "data_ingestion", "data": {"symbol": "AAPL", "close": ${100 + Math.random()}}, "timestamp": "${new Date().toISOString()}"}`,
  );
};

describe('the service', () => {
  test('is killed around every statement that it sends, and counts every trade once', {timeout: 180_000}, async () => {
    let child: SyncChild | undefined;
    let struck = Promise.withResolvers<void>();
    const proxy = await startStatementProxy(rig.desk.config, () => {
      child?.kill('SIGKILL');
      struck.resolve();
    });
    const trades = deskTrades(3000);
    let at = 0;
    const died: string[] = [];
    // Connections: of batches (BEGIN, apply, adopt, marks, revalue, COMMIT), and of gaps and signs of life.
    const plan: readonly (readonly [string, number, Fate])[] = [
      ...[1, 2, 3, 4, 5, 6, 7].flatMap(n => [
        ['tradetop sync', n, 'before'] as const,
        ['tradetop sync', n, 'after'] as const,
      ]),
      ...[1, 3, 5, 7, 9].map(n => ['tradetop sync care', n, 'after'] as const),
    ];
    for (const [application, n, fate] of plan) {
      let count = 0;
      struck = Promise.withResolvers();
      proxy.decide((name, sql) => {
        if (name !== application || ++count !== n) return 'pass';
        died.push(`${fate} ${/tradetop:(\S+)/.exec(sql)?.[1] ?? sql.split(' ')[0]}`);
        return fate;
      });
      child = rig.spawn(['--worker', 'one'], {pgPort: proxy.port});
      let dead = false;
      void struck.promise.then(() => (dead = true));
      // It may be struck before it hears anything.
      await Promise.race([subscribed(), struck.promise]);
      while (!dead) {
        const some = trades.slice(at, at + 10);
        at += 10;
        await bookTrades(rig.pool, some);
        // Some come twice, some that were recovered come late.
        await publish([...some, ...some.slice(0, 3), ...trades.slice(Math.max(0, at - 40), at - 10)]);
        await Promise.race([struck.promise, new Promise(resolve => setTimeout(resolve, 60))]);
      }
      expect(await child.ended).toBe('SIGKILL');
      await waitFor('its subscription to be gone', async () => (await rig.bus.call('PUBSUB', 'NUMPAT')) === 0);
    }
    proxy.decide(() => 'pass');
    child = rig.spawn(['--worker', 'one'], {pgPort: proxy.port});
    await synced(trades.slice(0, at));
    // Every kind of boundary was struck.
    expect([...new Set(died)].sort()).toEqual(
      expect.arrayContaining([
        'after BEGIN',
        'after COMMIT',
        'after sync/apply',
        'before BEGIN',
        'before COMMIT',
        'before sync/apply',
        'before sync/marks',
        'before sync/revalue',
      ]),
    );
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await proxy.close();
  });

  test('is frozen until Redis cuts it off, and recovers what went by', {timeout: 120_000}, async () => {
    const trades = deskTrades(4000, 9);
    const child = rig.spawn(['--worker', 'two']);
    await subscribed();
    await bookTrades(rig.pool, trades.slice(0, 100));
    await publish(trades.slice(0, 100));
    await synced(trades.slice(0, 100));
    child.kill('SIGSTOP');
    const frozenAt = Date.now();
    await bookTrades(rig.pool, trades.slice(100, 3900));
    for (let i = 100; (await rig.bus.call('PUBSUB', 'NUMPAT')) === 1; i = i < 3800 ? i + 100 : 100) {
      await publish(trades.slice(i, i + 100));
    }
    // Long enough that it can tell standing still from a network that broke.
    await waitFor('it to have stood still for 6 s', () => Date.now() - frozenAt > 6000);
    child.kill('SIGCONT');
    await subscribed();
    await bookTrades(rig.pool, trades.slice(3900));
    await publish(trades.slice(3900));
    await synced(trades);
    // The first start's gap may still have been open, and have found them all before this one was written down.
    await waitFor('the freeze to be declared as a gap from when it began', async () => {
      const {rows} = await rig.pool.query(
        `SELECT reason, started_at < to_timestamp($1::float8 / 1000) + interval '1 s' AS from_then
           FROM analytics.sync_gaps WHERE reason <> 'first_start'`,
        [frozenAt],
      );
      expect(rows).toEqual([{reason: 'frozen', from_then: true}]);
      return true;
    });
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });
});
