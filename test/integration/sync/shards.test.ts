import {expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {durable, STREAM, streamKeys} from '../../../src/bus/streams.ts';
import type {SafeText} from '../../../src/core/sanitise.ts';
import type {SyncService} from '../../../src/sync/service.ts';
import {deskTrades, tradeMessage} from '../../helpers/desk/desk-trades.ts';
import {rigEachTest, well} from '../../helpers/desk/sync-rig.ts';
import {startProxy} from '../../helpers/servers/proxy.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest();
const SHARDS = 8;
const STREAMS = streamKeys(SHARDS);
const CHANNEL = 'data_sync:trades';

/** Trades of forty accounts, in turn. */
const trades = (count: number, prefix?: string): readonly TradeEvent[] =>
  deskTrades(count, 1, prefix).map((trade, i) => ({...trade, accountId: `ACC-${i % 40}` as SafeText}));
const start = (worker: string): SyncService => rig.start({mode: 'streams', worker, shards: SHARDS});
const spawn = (worker: string) => rig.spawn(['--mode', 'streams', '--shards', `${SHARDS}`, '--worker', worker]);
const owners = () => rig.bus.mget(STREAMS.map(stream => `${stream}:owner`));
const ownedBy = (...workers: readonly string[]) =>
  waitFor(
    `the shards to be divided between ${workers.join(', ')}`,
    async () => {
      const now = await owners();
      const counts = workers.map(worker => now.filter(owner => owner === worker).length);
      expect(counts.reduce((a, b) => a + b)).toBe(STREAMS.length);
      expect(Math.max(...counts)).toBe(Math.ceil(STREAMS.length / workers.length));
      return true;
    },
    SYNC_MS,
  );
/** The trades of each account, as long as they were applied in the order of their publication. */
async function inOrder(published: readonly TradeEvent[]): Promise<void> {
  const {rows} = await rig.pool.query('SELECT trade_id, applied_at::text AS at FROM analytics.sync_ledger');
  const at = new Map(rows.map(row => [row.trade_id, row.at]));
  const last = new Map<string, string>();
  const late = published.filter(({tradeId, accountId}) => {
    const before = last.get(accountId) ?? '';
    last.set(accountId, at.get(tradeId));
    return at.get(tradeId) < before;
  });
  expect(late.map(trade => trade.tradeId)).toEqual([]);
}
const acknowledged = () =>
  waitFor(
    'every shard to be acknowledged',
    async () => {
      for (const stream of STREAMS) {
        const [group] = (await rig.bus.call('XINFO', 'GROUPS', stream)) as readonly (readonly unknown[])[];
        const named = new Map(
          Array.from({length: (group?.length ?? 0) >> 1}, (_, i) => [group?.[2 * i], group?.[2 * i + 1]]),
        );
        expect([stream, named.get('pending'), named.get('lag')]).toEqual([stream, 0, 0]);
      }
      return true;
    },
    SYNC_MS,
  );

test('all events of an account lie in one shard, and Python finds the same one', async () => {
  await rig.bus.set('data_sync:shards', SHARDS);
  const some = trades(400);
  const publisher = durable(rig.bus);
  for (const trade of some) await publisher.publish(CHANNEL, tradeMessage(trade));
  const accounts = new Map<string, Set<string>>();
  for (const stream of STREAMS) {
    for (const [, fields] of await rig.bus.xrange(stream, '-', '+')) {
      const {account_id: account} = JSON.parse(fields[3] as string).data;
      accounts.set(account, (accounts.get(account) ?? new Set()).add(stream));
    }
  }
  expect(accounts.size).toBe(40);
  expect([...accounts.values()].every(streams => streams.size === 1)).toBe(true);
  expect(new Set([...accounts.values()].map(streams => [...streams][0])).size).toBeGreaterThan(4);
  // zlib.crc32(b'ACC-7') % 8
  expect([...(accounts.get('ACC-7') ?? [])]).toEqual([`${STREAM}:{6}`]);
});

test('three workers divide the shards; one is killed, and the others go on in the order of each account', async () => {
  const all = trades(3000);
  const publisher = durable(rig.bus);
  const publish = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 10) {
      await Promise.all(all.slice(at, at + 10).map(trade => publisher.publish(CHANNEL, tradeMessage(trade))));
    }
  };
  const dead = spawn('three');
  const [one, two] = [start('one'), start('two')];
  await Promise.all([well(one), well(two)]);
  await ownedBy('one', 'two', 'three');
  await publish(0, 1000);
  dead.kill('SIGKILL');
  await publish(1000, 2000);
  await dead.ended;
  await ownedBy('one', 'two');
  await publish(2000, 3000);
  await rig.synced(all);
  await acknowledged();
  await inOrder(all);
  await waitFor(
    'both workers to say that nothing waits, and what they read',
    () => {
      const [a, b] = [one.stats().stream, two.stats().stream];
      for (const said of [a, b]) expect(said).toMatchObject({shards: STREAMS.length, lag: 0, pending: 0});
      expect((a?.read ?? 0) + (b?.read ?? 0)).toBe(STREAMS.length);
      return true;
    },
    SYNC_MS,
  );
  await two.stop();
  await ownedBy('one');
});

test('a worker that is suspended loses its shards, and counts nothing twice when it continues', async () => {
  const all = trades(1200);
  const publisher = durable(rig.bus);
  const publish = (from: number, to: number) =>
    Promise.all(all.slice(from, to).map(trade => publisher.publish(CHANNEL, tradeMessage(trade))));
  const other = spawn('other');
  const one = start('one');
  await well(one);
  await ownedBy('one', 'other');
  await publish(0, 400);
  other.kill('SIGSTOP');
  await publish(400, 800);
  await ownedBy('one');
  other.kill('SIGCONT');
  await ownedBy('one', 'other');
  await publish(800, 1200);
  await rig.synced(all);
  await acknowledged();
});

test('what was published before the stream was divided, and by publishers that do not know of it, is read as well', async () => {
  const all = trades(900);
  await rig.publishDurably(all.slice(0, 300));
  const one = rig.start({mode: 'streams', worker: 'one'});
  await rig.synced(all.slice(0, 300));
  const two = start('two');
  await ownedBy('one', 'two');
  await rig.publishDurably(all.slice(300, 600));
  for (const trade of all.slice(600)) {
    await rig.bus.xadd(STREAM, '*', 'channel', CHANNEL, 'event', tradeMessage(trade));
  }
  await rig.synced(all);
  await acknowledged();
  await Promise.all([well(one), well(two)]);
});

test('a number of shards that is none is said, stops nobody, and is none of a worker that starts', async () => {
  const all = trades(200);
  const one = start('one');
  await well(one);
  await ownedBy('one');
  await rig.bus.set('data_sync:shards', 'many');
  await waitFor('the worker to say so', () => one.stats().link.error?.includes('is many, and not a number'), SYNC_MS);
  await rig.publishDurably(all);
  await rig.synced(all);
  expect(one.trouble()).toBeUndefined();
  const two = rig.start({mode: 'streams', worker: 'two'});
  await waitFor('the second worker to say so', () => two.trouble()?.includes('is many, and not a number'), SYNC_MS);
});

test('a Redis that loses everything while it is read has a gap, and the shards again', async () => {
  const one = start('one');
  await well(one);
  await ownedBy('one');
  await rig.bus.flushall();
  await ownedBy('one');
  expect(await rig.bus.get('data_sync:shards')).toBe(`${SHARDS}`);
  const all = trades(200);
  await rig.publishDurably(all);
  await rig.synced(all);
  const {rows} = await rig.pool.query("SELECT FROM analytics.sync_gaps WHERE reason = 'lost'");
  expect(rows.length).toBeGreaterThan(0);
});

test('a worker whose database takes nothing for half a minute leaves its shards to another, and has them again', async () => {
  const proxy = await startProxy({host: rig.desk.config.host, port: rig.desk.config.port});
  rig.cleanups.push(proxy.close);
  const all = trades(600);
  const one = rig.start({mode: 'streams', worker: 'one', shards: SHARDS, pgPort: proxy.port});
  const two = start('two');
  await Promise.all([well(one), well(two)]);
  await ownedBy('one', 'two');
  await proxy.set('refuse');
  await rig.publishDurably(all.slice(0, 300));
  await ownedBy('two');
  await rig.synced(all.slice(0, 300));
  await proxy.set('pass');
  await ownedBy('one', 'two');
  await rig.publishDurably(all.slice(300));
  await rig.synced(all);
  await acknowledged();
});
