import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {join} from 'node:path';
import {Redis} from 'ioredis';
import {afterEach, describe, expect, it} from 'vitest';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import type {BusLink, DeskEvent} from '../../src/events/event.ts';
import {publishMarketData} from '../../src/events/publish.ts';
import {subscribe} from '../../src/events/subscribe.ts';
import {ownPlace, ownRedis} from '../helpers/servers.ts';
import {waitFor} from '../helpers/wait.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function listen(url: string) {
  const [events, links]: [DeskEvent[], BusLink[]] = [[], []];
  const {close} = subscribe(parseRedisUrl(url), {
    onEvent: event => events.push(event),
    onReject: () => {},
    onLink: link => links.push(link),
  });
  cleanups.push(close);
  const state = (wanted: BusLink['state']) =>
    waitFor(`the link to be ${wanted}`, () => links.at(-1)?.state === wanted && links.at(-1), 30_000);
  return {events, links, state, drops: () => links.at(-1)?.drops ?? 0};
}

function commands(url: string): Redis {
  const client = new Redis(url);
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return client;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

// A message may fall into the moment between two connections: it is sent until one arrives.
const heard = (redis: Redis, events: readonly DeskEvent[]) =>
  waitFor(
    'an event',
    async () => {
      await publishMarketData(redis, {symbol: 'AAPL', close: '1.0000'});
      return events.length > 0;
    },
    30_000,
  );

describe('the bus under Sentinel', () => {
  it('is heard through the address that Sentinel gives, and again after its server came back', async () => {
    const master = await ownRedis();
    cleanups.push(master.stop);
    const {dir} = await ownPlace();
    const [port, file] = [await freePort(), join(dir, 'sentinel.conf')];
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `sentinel monitor desk 127.0.0.1 ${master.port} 1`,
      `sentinel auth-pass desk ${master.password}`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`, {mode: 0o600});
    const sentinel = spawn('redis-server', [file, '--sentinel'], {stdio: 'ignore'});
    cleanups.push(() => ended(sentinel));
    const bus = listen(`redis-sentinel://:${master.password}@127.0.0.1:${port}/0?master=desk`);
    await bus.state('ready');
    await heard(commands(master.url), bus.events);
    await master.restart();
    await waitFor('the loss', () => bus.drops() === 1);
    await bus.state('ready');
  });

  it('says so where no Sentinel answers', async () => {
    const bus = listen(`redis-sentinel://127.0.0.1:${await freePort()}/0?master=desk`);
    expect((await bus.state('down'))?.error).toMatch(/sentinels are unreachable/i);
  });
});

describe('the bus over TLS', () => {
  it('refuses a certificate that nobody vouches for, and says so', async () => {
    const {dir} = await ownPlace();
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      {stdio: 'ignore'},
    );
    const port = await freePort();
    const tls = ['--tls-port', `${port}`, '--port', '0', '--tls-cert-file', cert, '--tls-key-file', key];
    const server = spawn(
      'redis-server',
      [...tls, '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no', '--save', '', '--dir', dir],
      {
        stdio: 'ignore',
      },
    );
    cleanups.push(() => ended(server));
    const bus = listen(`rediss://127.0.0.1:${port}/0`);
    expect((await bus.state('denied'))?.error).toMatch(/certificate/i);
  });
});
