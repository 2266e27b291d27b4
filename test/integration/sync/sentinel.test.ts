import {afterEach, describe, test, vi} from 'vitest';
import {durable} from '../../../src/bus/streams.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {openTrading, type Trading, type TradingOptions} from '../../helpers/desk/trading.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {type Sentinels, startSentinels} from '../../helpers/servers/sentinels.ts';
import {LONG_TEST_MS} from '../../helpers/servers/timers.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(
  options: Partial<TradingOptions> = {},
): Promise<{readonly redis: Sentinels; readonly desk: Trading; readonly postgres: FaultProxy}> {
  const redis = await startSentinels();
  cleanups.push(redis.stop);
  const database = await cloneDesk();
  cleanups.push(database.drop);
  const direct = targetOf(database);
  const postgres = await startProxy({host: direct.host, port: direct.port});
  cleanups.push(postgres.close);
  const desk = openTrading({direct, trading: {...direct, port: postgres.port}, redisUrl: redis.url, ...options});
  cleanups.push(desk.close);
  return {redis, desk, postgres};
}

/** Kills the master while the desk trades; waits until the Sentinels have promoted the replica and a worker noticed. */
async function failOver(
  {redis, desk}: {readonly redis: Sentinels; readonly desk: Trading},
  afterDeath: () => unknown = () => {},
): Promise<void> {
  const noticed = desk.watch();
  await redis.master.kill9();
  afterDeath();
  await Promise.all([redis.promoted(), desk.trade(60)]);
  await noticed();
}

describe('under Sentinel', () => {
  test('what is published while the master dies and its replica is promoted is counted once', async () => {
    const {redis, desk} = await open();
    await desk.start('one');
    await desk.trade(100);
    await failOver({redis, desk});
    await desk.well();
    await desk.trade(100);
    await redis.master.restart();
    await redis.demoted(redis.master);
    await desk.trade(50);
    await desk.settled();
    await desk.declared('disconnect');
  });

  test('what was read of a stream and is unknown to the promoted replica is counted once', async () => {
    const {redis, desk} = await open({by: durable});
    await Promise.all([desk.start('one', 'streams'), desk.start('two', 'streams')]);
    await desk.trade(100);
    // The replica learns nothing of what follows: entries, deliveries, acknowledgements.
    process.kill(redis.replica.pid, 'SIGSTOP');
    await desk.trade(50);
    await desk.settled();
    await failOver({redis, desk}, () => process.kill(redis.replica.pid, 'SIGCONT'));
    await desk.well();
    await desk.trade(50);
    await desk.settled();
  });

  test('what was unread on a stream and never reached the promoted replica is recovered as lost', async () => {
    const {redis, desk, postgres} = await open({by: durable});
    await desk.start('one', 'streams');
    await desk.trade(50);
    await desk.settled();
    await postgres.set('blackhole');
    await desk.trade(10);
    process.kill(redis.replica.pid, 'SIGSTOP');
    await desk.trade(50);
    await failOver({redis, desk}, () => process.kill(redis.replica.pid, 'SIGCONT'));
    await postgres.set('pass');
    await desk.well();
    await desk.settled();
    await desk.declared('lost');
  });
});
