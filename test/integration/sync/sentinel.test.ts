import {afterEach, describe, test} from 'vitest';
import {durable} from '../../../src/bus/streams.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {openTrading, type Trading, type TradingOptions} from '../../helpers/desk/trading.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {type Sentinels, startSentinels} from '../../helpers/servers/sentinels.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

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

/** Kills the master while the desk trades, and waits until the replica has its place and the workers know. */
async function failOver({redis, desk}: {readonly redis: Sentinels; readonly desk: Trading}): Promise<void> {
  await redis.master.kill9();
  const promoted = waitFor('the promotion', async () => (await redis.named()) === redis.replica.port, 30_000);
  await Promise.all([promoted, desk.trade(60)]);
  await waitFor(
    'the replica to be a master',
    async () => /role:master/.test(await redis.commands(redis.replica).info('replication')),
    30_000,
  );
}

describe('under Sentinel', {timeout: 180_000}, () => {
  test('what is published while the master dies and its replica takes its place is counted once', async () => {
    const {redis, desk} = await open();
    await desk.start('one');
    await desk.trade(100);
    await failOver({redis, desk});
    await desk.well();
    await desk.trade(100);
    await redis.master.restart();
    await waitFor(
      'the old master to follow the new one',
      async () => /role:slave/.test(await redis.commands(redis.master).info('replication')),
      30_000,
    );
    await desk.trade(50);
    await desk.settled();
    await desk.declared('disconnect');
  });

  test('what was read of a stream and forgotten by the promoted replica is counted once', async () => {
    const {redis, desk} = await open({by: durable});
    await Promise.all([desk.start('one', 'streams'), desk.start('two', 'streams')]);
    await desk.trade(100);
    // The replica knows nothing of what follows: entries, what was given out, what was acknowledged.
    process.kill(redis.replica.pid, 'SIGSTOP');
    await desk.trade(50);
    await desk.settled();
    await redis.master.kill9();
    process.kill(redis.replica.pid, 'SIGCONT');
    await failOver({redis, desk});
    await desk.well();
    await desk.trade(50);
    await desk.settled();
  });

  test('what stood unread on a stream that the promoted replica never had is recovered as lost', async () => {
    const {redis, desk, postgres} = await open({by: durable});
    await desk.start('one', 'streams');
    await desk.trade(50);
    await desk.settled();
    await postgres.set('blackhole');
    await desk.trade(10);
    process.kill(redis.replica.pid, 'SIGSTOP');
    await desk.trade(50);
    await redis.master.kill9();
    process.kill(redis.replica.pid, 'SIGCONT');
    await failOver({redis, desk});
    await postgres.set('pass');
    await desk.well();
    await desk.settled();
    await desk.declared('lost');
  });
});
