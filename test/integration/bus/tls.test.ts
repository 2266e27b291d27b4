import type {EventEmitter} from 'node:events';
import type {Duplex} from 'node:stream';
import {afterEach, beforeAll, describe, expect, it, vi} from 'vitest';
import type {BusLink} from '../../../src/bus/event.ts';
import {publishMarketData} from '../../../src/bus/publish.ts';
import {sharded} from '../../../src/bus/sharded.ts';
import {subscribe} from '../../../src/bus/subscribe.ts';
import {freePort} from '../../../src/demo/process.ts';
import {openRedis} from '../../../src/io/redis.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {type Certificates, makeCertificates} from '../../helpers/servers/certificates.ts';
import {startCluster} from '../../helpers/servers/redis-cluster.ts';
import {startSentinels} from '../../helpers/servers/sentinels.ts';
import {ownRedis} from '../../helpers/servers/servers.ts';
import {LONG_TEST_MS, REDIS_LINK_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The query that names the authority, and our own certificate where the server wants one. */
const trusting = (own = true): string => {
  const {ca, cert, key} = certificates;
  return `ssl_ca_certs=${ca}${own ? `&ssl_certfile=${cert}&ssl_keyfile=${key}` : ''}`;
};

function listen(url: string) {
  const links: BusLink[] = [];
  let events = 0;
  const {close} = subscribe(parseRedisUrl(url), {
    onEvent: () => {
      events++;
    },
    onReject: () => {},
    onLink: link => links.push(link),
  });
  cleanups.push(close);
  const state = (wanted: BusLink['state']) =>
    waitFor(`the link to be ${wanted}`, () => links.at(-1)?.state === wanted && links.at(-1), REDIS_LINK_MS);
  return {state, events: () => events};
}

function publisher(url: string) {
  const client = openRedis(parseRedisUrl(url), {name: 'a publisher', offline: 'wait'});
  cleanups.push(() => client.disconnect());
  return client;
}

describe('the bus over TLS', () => {
  it('works where the address names the server’s authority', async () => {
    const port = await freePort();
    const redis = await ownRedis({extra: certificates.lines(port)});
    cleanups.push(redis.stop);
    const url = `rediss://:${redis.password}@127.0.0.1:${port}/0`;
    expect((await listen(url).state('denied'))?.error).toMatch(/certificate/i);
    const bus = listen(`${url}?${trusting()}`);
    await bus.state('ready');
    await publishMarketData(publisher(`${url}?${trusting()}`), {symbol: 'AAPL', close: '1.0000'});
    await waitFor('the event', () => bus.events() === 1, REDIS_LINK_MS);
  });

  it('refuses a certificate of an unknown authority, and says so', async () => {
    const port = await freePort();
    // The server accepts anyone: the client refuses.
    const redis = await ownRedis({extra: [...certificates.lines(port), 'tls-auth-clients no']});
    cleanups.push(redis.stop);
    expect((await listen(`rediss://:${redis.password}@127.0.0.1:${port}/0`).state('denied'))?.error).toMatch(
      /certificate/i,
    );
  });

  it('says that the server wants a client certificate', async () => {
    const port = await freePort();
    const redis = await ownRedis({extra: certificates.lines(port)});
    cleanups.push(redis.stop);
    const bus = listen(`rediss://:${redis.password}@127.0.0.1:${port}/0?${trusting(false)}`);
    expect((await bus.state('denied'))?.error).toMatch(/certificate/i);
  });

  it('survives a second error of a socket', async () => {
    const port = await freePort();
    const redis = await ownRedis({extra: certificates.lines(port)});
    cleanups.push(redis.stop);
    const client = publisher(`rediss://127.0.0.1:${port}/0`) as unknown as EventEmitter & {readonly stream: Duplex};
    const errors: Error[] = [];
    client.on('error', error => {
      errors.push(error);
      client.stream.emit('error', new Error('alert: the other side has something against us as well'));
    });
    await waitFor('the first error, and that of the next try', () => errors.length >= 2, REDIS_LINK_MS);
  });

  it('works under Sentinels, and connects to their master with TLS as well', async () => {
    const redis = await startSentinels({certificates});
    cleanups.push(redis.stop);
    const url = `${redis.url.replace('redis-', 'rediss-')}&${trusting()}`;
    const bus = listen(url);
    await bus.state('ready');
    await publishMarketData(publisher(url), {symbol: 'AAPL', close: '1.0000'});
    await waitFor('the event', () => bus.events() === 1, REDIS_LINK_MS);
  });

  it('works in a Cluster, also on each channel’s owner', async () => {
    const cluster = await startCluster({
      extra: async () => [...certificates.lines(await freePort()), 'tls-cluster yes', 'tls-replication yes'],
    });
    cleanups.push(cluster.stop);
    const ports = await Promise.all(
      cluster.nodes.map(async node => String((await cluster.commands(node).config('GET', 'tls-port')) as unknown)),
    );
    const hosts = ports.map(port => `127.0.0.1:${/\d+/.exec(port)?.[0]}`).join(',');
    const url = `${cluster.url.replace('redis-', 'rediss-').replace(/@.*/, `@${hosts}`)}?${trusting()}`;
    const bus = listen(url);
    await bus.state('ready');
    await publishMarketData(sharded(publisher(url) as never), {symbol: 'AAPL', close: '1.0000'});
    await waitFor('the event', () => bus.events() === 1, REDIS_LINK_MS);
  });
});
