import {beforeEach, describe, expect, test} from 'vitest';
import {STREAM} from '../../../src/bus/streams.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {startFlow} from '../../helpers/desk/desk-flow.ts';
import type {SyncChild} from '../../helpers/desk/sync-child.ts';
import {rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {type Fate, startStatementProxy} from '../../helpers/servers/statement-proxy.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest({redis: {extra: ['client-output-buffer-limit pubsub 262144 262144 0']}});
const {cleanups, filled, subscribed} = rig;
let db: Pg;
beforeEach(() => {
  db = rig.open({name: 'sync test', max: 1, lockMs: 10_000});
});

describe.each(['pubsub', 'streams'] as const)('trades, positions and prices by %s', mode => {
  const hasConsumer = async (): Promise<boolean> =>
    ((await rig.bus.call('XINFO', 'CONSUMERS', STREAM, 'tradetop')) as unknown[]).length > 0;
  const consumed = () =>
    mode === 'pubsub' ? subscribed() : waitFor('a worker to read the stream', hasConsumer, SYNC_MS);

  test('count once when every event comes twice and in any order, to two workers', async () => {
    const services = [rig.start({mode}), rig.start({mode, worker: 'two'})];
    for (const service of services) await filled(service);
    const flow = startFlow({pool: rig.pool, bus: rig.bus, mode});
    for (let i = 0; i < 12; i++) await flow.step(25, {twice: true});
    await flow.synced();
    await flow.rebuilt(db);
    const counts = services.map(service => service.stats().applied);
    expect(Math.min(...counts.map(c => c.trades + c.duplicates))).toBeGreaterThan(0);
    expect(counts.map(c => c.quarantined)).toEqual([0, 0]);
  });

  test('count once when the service is killed before, within and after a commit', async () => {
    let child: SyncChild | undefined;
    let killed = Promise.withResolvers<void>();
    const proxy = await startStatementProxy(rig.desk.config, () => {
      child?.kill('SIGKILL');
      killed.resolve();
    });
    cleanups.push(proxy.close);
    const flow = startFlow({pool: rig.pool, bus: rig.bus, mode, seed: 2});
    const plan: readonly (readonly [RegExp, Fate])[] = [
      [/tradetop:sync\/settle/, 'after'],
      [/tradetop:sync\/marks /, 'before'],
      [/^COMMIT/, 'before'],
      [/^COMMIT/, 'after'],
    ];
    for (const [which, fate] of plan) {
      killed = Promise.withResolvers();
      let dead = false;
      void killed.promise.then(() => (dead = true));
      proxy.decide((name, sql) => (name === 'tradetop sync' && which.test(sql) ? fate : 'pass'));
      child = rig.spawn(['--worker', 'one', '--mode', mode], {pgPort: proxy.port});
      await consumed();
      while (!dead) {
        await flow.step(10);
        await Promise.race([killed.promise, new Promise(resolve => setTimeout(resolve, 60))]);
      }
      expect(await child.ended).toBe('SIGKILL');
      // These come while it is dead.
      await flow.step(5);
    }
    proxy.decide(() => 'pass');
    child = rig.spawn(['--worker', 'one', '--mode', mode], {pgPort: proxy.port});
    await flow.synced();
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await flow.rebuilt(db);
  });

  test('are recovered when the service is suspended until Redis cuts it off', async () => {
    const child = rig.spawn(['--worker', 'one', '--mode', mode]);
    await consumed();
    const flow = startFlow({pool: rig.pool, bus: rig.bus, mode, seed: 4});
    await flow.step(20);
    await flow.synced();
    child.kill('SIGSTOP');
    const suspendedAt = Date.now();
    const filler = 'x'.repeat(20_000);
    await flow.step(50);
    if (mode === 'pubsub') {
      const cutOff = async (): Promise<boolean> => {
        await Promise.all(Array.from({length: 20}, () => rig.bus.publish('data_sync:other', filler)));
        return (await rig.bus.call('PUBSUB', 'NUMPAT')) === 0;
      };
      await waitFor('Redis to cut it off', cutOff, SYNC_MS);
    } else {
      await rig.bus.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    await flow.step(50);
    // Long enough for it to tell its suspension from a network failure.
    await waitFor('6 s of suspension', () => Date.now() - suspendedAt > 6000);
    child.kill('SIGCONT');
    await flow.synced();
    await flow.step(20);
    await flow.synced();
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await flow.rebuilt(db);
  });
});
