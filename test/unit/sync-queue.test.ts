import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createQueue, isNewer} from '../../src/sync/queue.ts';
import type {SyncMark, SyncPosition, SyncTrade} from '../../src/sync/sync-event.ts';

const trade = (key: string, at = 1): SyncTrade => ({
  kind: 'trades',
  key,
  accountId: 'A',
  symbol: 'S',
  strategy: 'x',
  orderId: undefined,
  date: '2026-11-20',
  side: 'buy',
  quantity: '1',
  price: '1',
  commission: undefined,
  executedAt: at,
  tradeType: 'opening',
  totalValue: undefined,
  realizedPnl: '0',
  winRate: undefined,
  at,
  receivedAt: at + 5,
  since: at,
});
const mark = (key: string, price: string, asOf: number): SyncMark => ({
  kind: 'market_data',
  key,
  price,
  asOf,
  at: asOf,
  receivedAt: asOf,
  since: asOf,
});
const position = (quantity: string, asOf: number): SyncPosition => ({
  kind: 'positions',
  key: 'A',
  accountId: 'A',
  symbol: 'S',
  quantity,
  avgPrice: '1',
  realizedPnl: undefined,
  asOf,
  at: asOf,
  receivedAt: asOf,
  since: asOf,
});

describe('the queue', () => {
  test('gives trades in the order they came, each once', () => {
    const queue = createQueue();
    expect(['a', 'b', 'a', 'c'].map(key => queue.offer(trade(key)))).toEqual([
      'queued',
      'queued',
      'duplicate',
      'queued',
    ]);
    expect(queue.take(2)?.trades.map(t => t.key)).toEqual(['a', 'b']);
    expect(queue.take(2)?.trades.map(t => t.key)).toEqual(['c']);
    expect(queue.take(2)).toBeUndefined();
  });

  test('never holds more trades than its limit, and gives the span of those that found no room', () => {
    const queue = createQueue({trades: 2, keys: 2});
    for (const [key, at] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 4],
      ['a', 9],
    ] as const)
      queue.offer(trade(key, at));
    expect(queue.counts()).toMatchObject({trades: 2, offered: 5, duplicates: 1, overflowed: 2});
    expect(queue.takeOverflow()).toEqual({from: 3, to: 9, events: 2});
    expect(queue.takeOverflow()).toBeUndefined();
  });

  test('keeps only the newest price of a key, and no more keys than its limit', () => {
    const queue = createQueue({trades: 2, keys: 2});
    queue.offer(mark('X', '1', 5));
    expect(queue.offer(mark('X', '2', 4))).toBe('superseded');
    expect(queue.offer(mark('X', '3', 6))).toBe('queued');
    queue.offer(mark('Y', '1', 5));
    expect(queue.offer(mark('Z', '1', 5))).toBe('full');
    expect(queue.take(1)?.marks.map(m => `${m.key} ${m.price}`)).toEqual(['X 3', 'Y 1']);
  });

  test('takes a batch back, before the trades that came meanwhile and without positions that are older', () => {
    const queue = createQueue();
    queue.offer(trade('a'));
    queue.offer(position('1', 5));
    const batch = queue.take(10);
    queue.offer(trade('b'));
    queue.offer(position('2', 6));
    if (batch) queue.putBack(batch);
    const again = queue.take(10);
    expect(again?.trades.map(t => t.key)).toEqual(['a', 'b']);
    expect(again?.positions.map(p => p.quantity)).toEqual(['2']);
  });

  test('knows the publication of the oldest event that waits, overflowed ones included', () => {
    const queue = createQueue({trades: 1, keys: 1});
    expect(queue.oldest()).toBeUndefined();
    queue.offer(trade('a', 50));
    queue.offer(trade('b', 40));
    expect(queue.oldest()).toBe(40);
    queue.takeOverflow();
    expect(queue.oldest()).toBe(50);
  });
});

test('of two positions with the same key the same one wins in either order', () => {
  const any = fc.record({quantity: fc.constantFrom('1', '1.0', '2', '10', '0.5'), asOf: fc.integer({min: 1, max: 3})});
  fc.assert(
    fc.property(any, any, (a, b) => {
      const [p, q] = [position(a.quantity, a.asOf), position(b.quantity, b.asOf)];
      expect(isNewer(p, q) && isNewer(q, p)).toBe(false);
      if (!isNewer(p, q) && !isNewer(q, p)) expect([p.asOf, Number(p.quantity)]).toEqual([q.asOf, Number(q.quantity)]);
    }),
  );
});
