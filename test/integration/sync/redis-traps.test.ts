import {type AddressInfo, createServer} from 'node:net';
import {describe, expect, test} from 'vitest';
import {STREAM} from '../../../src/bus/streams.ts';
import {openRedis} from '../../../src/io/redis.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {openStream} from '../../../src/sync/stream.ts';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import {ready, rigEachTest, well} from '../../helpers/desk/sync-rig.ts';
import {startProxy} from '../../helpers/servers/proxy.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest();
const {start, cleanups, publishDurably: publish, synced} = rig;
const as = (user: string, password: string) =>
  parseRedisUrl(`redis://${user}:${password}@127.0.0.1:${rig.redis.port}/0`);
async function setUser(name: string, ...rules: readonly string[]): Promise<void> {
  await rig.bus.acl('SETUSER', name, 'reset', 'on', '>pw', '~*', ...rules);
  cleanups.push(() => rig.bus.acl('DELUSER', name));
}

describe('a subscription', () => {
  test('that Redis denies later is reported, declared as a gap and made again once Redis allows it', async () => {
    await setUser('narrow', '+@all', '&data_sync:*');
    const service = start({redis: as('narrow', 'pw')});
    await ready(service);
    await rig.bus.acl('SETUSER', 'narrow', 'resetchannels');
    const trades = deskTrades(20);
    await bookTrades(rig.pool, trades.slice(0, 10));
    await publish(trades.slice(0, 10));
    const isDenied = () => /NOPERM|No permissions/i.test(service.trouble() ?? '');
    await waitFor('the service to report the denial', isDenied, SYNC_MS);
    expect(service.stats().link).toMatchObject({state: 'denied', drops: 1});
    await rig.bus.acl('SETUSER', 'narrow', '&data_sync:*');
    await well(service);
    await bookTrades(rig.pool, trades.slice(10));
    await publish(trades.slice(10));
    await synced(trades);
  });

  test('shows under its worker’s name in CLIENT LIST, and so do the connections of streams', async () => {
    await ready(start({worker: 'desk worker'}));
    const two = start({worker: 'two', mode: 'streams'});
    // Either worker may fill its gap.
    await well(two);
    const names = String(await rig.bus.client('LIST')).match(/name=\S+/g);
    expect(names).toEqual(
      expect.arrayContaining([
        'name=tradetop-sync-desk-worker',
        'name=tradetop-sync-two',
        'name=tradetop-sync-two-acks',
      ]),
    );
  });

  test.each(['pubsub', 'streams'] as const)('to a Redis that answers slowly causes no gap, by %s', async mode => {
    const proxy = await startProxy(rig.redis);
    cleanups.push(proxy.close);
    const service = start({mode, redisPort: proxy.port});
    await ready(service);
    await proxy.set('pass', {latencyMs: 300});
    const trades = deskTrades(20);
    await publish(trades);
    await synced(trades);
    expect(service.stats()).toMatchObject({
      link: {state: 'ready', drops: 0},
      gaps: {declared: 1},
      applied: {recovered: 0},
    });
  });
});

describe('a stream', () => {
  test('is read by a user without the right to claim, and the link names the missing right', async () => {
    await setUser('reader', '+@all', '-xautoclaim', '&*');
    const service = start({mode: 'streams', redis: as('reader', 'pw')});
    const trades = deskTrades(10);
    await publish(trades);
    await synced(trades);
    await waitFor('the missing right', () => /xautoclaim/i.test(service.stats().link.error ?? ''), SYNC_MS);
    expect(service.stats().link.state).toBe('ready');
  });

  test.each([
    ['wrong', /WRONGPASS/],
    ['missing', /NOAUTH/],
  ])('whose password is %s reports that, and not a missing connection', async (what, reason) => {
    const url =
      what === 'wrong'
        ? rig.redis.url.replace(rig.redis.password, 'sesame-open')
        : `redis://127.0.0.1:${rig.redis.port}/0`;
    const service = start({mode: 'streams', redis: parseRedisUrl(url)});
    await waitFor('the reason', () => reason.test(service.stats().link.error ?? ''), SYNC_MS);
    expect(service.stats().link.state).toBe('denied');
    expect(JSON.stringify(service.stats())).not.toContain('sesame');
  });

  test('of a server that echoes its commands reports the error without the password', async () => {
    // As Redis does with a command that it does not know, such as a renamed AUTH.
    const echo = createServer(socket => {
      socket.on('error', () => {});
      socket.on('data', data => {
        const commands = String(data).match(/^\*\d+\r\n/gm)?.length ?? 0;
        socket.write(
          `-ERR unknown command 'AUTH', with args beginning with: 'default' 'sesame-open' \r\n`.repeat(commands),
        );
      });
    });
    await new Promise<void>(resolve => echo.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => echo.close());
    const {port} = echo.address() as AddressInfo;
    for (const mode of ['pubsub', 'streams'] as const) {
      const logged: string[] = [];
      const log = (what: unknown): void => void logged.push(JSON.stringify(what));
      const service = start({
        mode,
        worker: mode,
        redis: parseRedisUrl(`redis://:sesame-open@127.0.0.1:${port}/0`),
        log: {info: log, warn: log, error: log},
      });
      await waitFor('the reason', () => /unknown command/i.test(service.stats().link.error ?? ''), SYNC_MS);
      expect([JSON.stringify(service.stats()), ...logged].join()).not.toContain('sesame');
      await service.stop(3000);
    }
  });

  test('is claimed from behind pending entries that are not idle yet, however many they are', async () => {
    const client = openRedis(parseRedisUrl(rig.redis.url), {name: 'claims', offline: 'wait'});
    cleanups.push(() => client.disconnect());
    const line = rig.bus.pipeline();
    for (let i = 1; i <= 1300; i++) line.xadd(STREAM, `${i}-0`, 'channel', 'c', 'event', 'e');
    await line.exec();
    await rig.bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0');
    await rig.bus.call('XREADGROUP', 'GROUP', 'tradetop', 'slow', 'COUNT', '1200', 'STREAMS', STREAM, '>');
    await rig.bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    const ids = Array.from({length: 100}, (_, i) => `${1201 + i}-0`);
    await rig.bus.call('XCLAIM', STREAM, 'tradetop', 'dead', '0', ...ids, 'IDLE', '31000', 'JUSTID');
    const stream = openStream(client, STREAM, 'tradetop', 'alive');
    // Redis scans ten times as many entries as it may give; the first hundreds are not idle long enough.
    const claimed: string[] = [];
    for (let round = 0; round < 4; round++) claimed.push(...(await stream.claim(30_000, 50)).map(entry => entry.id));
    expect(claimed.sort()).toEqual(ids.sort());
  });
});
