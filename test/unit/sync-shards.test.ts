import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {STREAM, shardsIn, streamKeys, streamOf} from '../../src/bus/streams.ts';
import {planShards} from '../../src/sync/shard-plan.ts';

describe('the stream of a message', () => {
  const trade = (account: unknown): string => JSON.stringify({data: {account_id: account, symbol: 'SPY'}});

  test('is the undivided one while there is one shard', () => {
    expect(streamOf('data_sync:trades', 'not read', 1)).toBe(STREAM);
    expect(streamKeys(1)).toEqual([STREAM]);
  });

  test('is the same for trades and positions of an account, whatever else they say', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), fc.integer({min: 2, max: 256}), (account, shards) => {
        const stream = streamOf('data_sync:trades', trade(account), shards);
        const position = JSON.stringify({type: 'position_updated', data: {quantity: 1, account_id: account}});
        expect(streamOf('data_sync:positions', position, shards)).toBe(stream);
        expect(streamKeys(shards).slice(1)).toContain(stream);
      }),
    );
  });

  test('is that of the symbol for market data, and of the channel where there is nothing else', () => {
    const bar = (symbol: string) => streamOf('data_sync:market_data', JSON.stringify({data: {symbol}}), 64);
    expect(new Set(['SPY', 'QQQ', 'IWM', 'GLD'].map(bar)).size).toBeGreaterThan(1);
    for (const text of ['', '{', 'null', '3', '{"data": null}', '{"data": {}}', '[]']) {
      expect(streamOf('data_sync:trades', text, 64)).toBe(streamOf('data_sync:trades', '{}', 64));
      expect(streamOf('data_sync:own', text, 64)).toBe(streamOf('data_sync:own', trade('A'), 64));
    }
  });

  test('is found by a number from 1 to 256', () => {
    expect([null, '1', '8', '256'].map(shardsIn)).toEqual([1, 1, 8, 256]);
    expect(['', '0', '-1', '1.5', '257', 'x', 'NaN', '1e9'].map(shardsIn)).toEqual(Array(8).fill(undefined));
  });
});

describe('the plan of a worker', () => {
  /** Lets every worker act in turn, a few times. */
  function settled(all: readonly string[], workers: readonly string[], owners: Map<string, string>): void {
    const heldBy = (worker: string) => [...owners].filter(([, owner]) => owner === worker).map(([stream]) => stream);
    for (let round = 0; round < 3; round++) {
      for (const worker of workers) {
        const plan = planShards(all, heldBy(worker), worker, workers.length);
        for (const stream of plan.release) owners.delete(stream);
        for (const stream of plan.tryFor) {
          if (heldBy(worker).length < plan.share && !owners.has(stream)) owners.set(stream, worker);
        }
      }
    }
  }

  test('leaves no shard unread and none with more than its share, whoever comes and goes', () => {
    const names = fc.uniqueArray(fc.string({minLength: 1}), {minLength: 1, maxLength: 9});
    fc.assert(
      fc.property(
        fc.integer({min: 2, max: 40}),
        fc.array(names, {minLength: 1, maxLength: 4}),
        (shards, generations) => {
          const all = streamKeys(shards);
          const owners = new Map<string, string>();
          for (const workers of generations) {
            // The leases of those that are gone have ended.
            for (const [stream, owner] of owners) if (!workers.includes(owner)) owners.delete(stream);
            settled(all, workers, owners);
            expect(owners.size).toBe(all.length);
            const share = Math.ceil(all.length / workers.length);
            for (const worker of workers) {
              expect([...owners.values()].filter(owner => owner === worker).length).toBeLessThanOrEqual(share);
            }
          }
        },
      ),
    );
  });
});
