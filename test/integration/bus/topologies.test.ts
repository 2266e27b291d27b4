import type {Redis} from 'ioredis';
import {afterEach, describe, expect, it, vi} from 'vitest';
import type {BusLink, DeskEvent} from '../../../src/bus/event.ts';
import {publishMarketData} from '../../../src/bus/publish.ts';
import {subscribe} from '../../../src/bus/subscribe.ts';
import {freePort} from '../../../src/demo/process.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {startSentinels} from '../../helpers/servers/sentinels.ts';
import {LONG_TEST_MS, REDIS_LINK_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

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
    waitFor(`the link to be ${wanted}`, () => links.at(-1)?.state === wanted && links.at(-1), REDIS_LINK_MS);
  return {events, links, state, drops: () => links.at(-1)?.drops ?? 0};
}

// A message may fall into the moment between two connections: it is sent until one arrives.
const heard = (redis: Redis, events: readonly DeskEvent[]) =>
  waitFor(
    'an event',
    async () => {
      await publishMarketData(redis, {symbol: 'AAPL', close: '1.0000'});
      return events.length > 0;
    },
    REDIS_LINK_MS,
  );

describe('the bus under Sentinel', () => {
  it('works through the address that Sentinel gives, and again after its server came back', async () => {
    const redis = await startSentinels();
    cleanups.push(redis.stop);
    const bus = listen(redis.url);
    await bus.state('ready');
    await heard(redis.commands(redis.master), bus.events);
    await redis.master.restart();
    await waitFor('the loss', () => bus.drops() === 1, REDIS_LINK_MS);
    await bus.state('ready');
  });

  it('says so where no Sentinel answers', async () => {
    const bus = listen(`redis-sentinel://127.0.0.1:${await freePort()}/0?master=desk`);
    expect((await bus.state('down'))?.error).toMatch(/sentinels are unreachable/i);
  });
});
