import {Redis} from 'ioredis';
import {afterEach, describe, expect, it} from 'vitest';
import type {DeskEvent, Reject} from '../../../src/bus/event.ts';
import {publishMarketData, publishPosition, publishTrade, subscribe} from '../../../src/index.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {ownRedis} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe('the package’s own publishing and subscribing', () => {
  it('bring three kinds across a real Redis, each to those who subscribed its channel as Python does', async () => {
    // Not the run's own Redis: this test counts the subscribers.
    const server = await ownRedis();
    const [redis, python] = [new Redis(server.url), new Redis(server.url)];
    cleanups.push(
      server.stop,
      () => redis.disconnect(),
      () => python.disconnect(),
    );
    const raw: [string, string][] = [];
    python.on('message', (channel, text) => raw.push([channel, text]));
    await python.subscribe('data_sync:trades', 'data_sync:market_data', 'data_sync:positions');
    const [events, rejects]: [DeskEvent[], Reject[]] = [[], []];
    const ready = Promise.withResolvers<void>();
    const subscription = subscribe(parseRedisUrl(server.url), {
      onEvent: event => events.push(event),
      onReject: reject => rejects.push(reject),
      onLink: link => link.state === 'ready' && ready.resolve(),
    });
    cleanups.push(subscription.close);
    await ready.promise;
    const who = {account_id: 'ACC-01', symbol: 'AAPL'};
    const heard = await publishTrade(redis, {...who, trade_id: 'T-9', quantity: '1.0000', price: '187.1000'});
    expect(heard).toBe(2);
    await publishPosition(redis, {...who, quantity: '1.0000', avg_price: '187.1000'});
    await publishMarketData(redis, {symbol: 'AAPL', close: '187.2000'});
    await waitFor('three events', () => events.length === 3 && raw.length === 3);
    expect(events.map(({kind, correlationId}) => [kind, correlationId])).toEqual([
      ['trades', 'T-9'],
      ['positions', 'ACC-01:AAPL'],
      ['market_data', undefined],
    ]);
    expect(events[0]?.data).toMatchObject({tradeId: 'T-9', quantity: '1.0000', price: '187.1000'});
    expect(raw.map(([channel]) => channel)).toEqual([
      'data_sync:trades',
      'data_sync:positions',
      'data_sync:market_data',
    ]);
    expect(rejects).toEqual([]);
  });
});
