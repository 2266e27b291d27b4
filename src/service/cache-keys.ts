import type {DeskEvent} from '../bus/event.ts';
import {invalidateCached} from './cache.ts';
import type {CacheRedis} from './cache-store.ts';

/** The keys of what the desk's events change. The plural ones are of all symbols, and of all accounts, together. */
export const cacheKeys = {
  mark: (symbol: string): string => `marks:${symbol}`,
  marks: 'marks',
  portfolio: (account: string): string => `portfolio:${account}`,
  portfolios: 'portfolio',
} as const;

/** What changed, by the keys of the desk. */
export type Changed = {readonly accounts: Iterable<string>; readonly symbols: Iterable<string>};

/** The keys that an event makes out of date: a trade or position its account's summary, a bar its symbol's mark. */
export function keysOfEvent(event: DeskEvent): readonly string[] {
  if (event.kind === 'market_data') return keysOfChange({accounts: [], symbols: [event.data.symbol]});
  return keysOfChange({accounts: [event.data.accountId], symbols: []});
}

function keysOfChange({accounts, symbols}: Changed): readonly string[] {
  const [portfolios, marks] = [[...accounts].map(cacheKeys.portfolio), [...symbols].map(cacheKeys.mark)];
  return [
    ...portfolios,
    ...(portfolios.length > 0 ? [cacheKeys.portfolios] : []),
    ...marks,
    ...(marks.length > 0 ? [cacheKeys.marks] : []),
  ];
}

const MOST_KEYS = 10_000;

/**
 * Invalidates what changes, one round at a time: changes that come meanwhile go together in the next one. For the synchroniser,
 * which calls it after its commits, so that whoever loads afterwards reads what was committed.
 */
export function createInvalidator(redis: CacheRedis): (changed: Changed) => void {
  let waiting = new Set<string>();
  let sending = false;
  const send = async (): Promise<void> => {
    sending = true;
    while (waiting.size > 0) {
      const keys = [...waiting];
      waiting = new Set();
      await invalidateCached(redis, keys);
    }
    sending = false;
  };
  return changed => {
    for (const key of keysOfChange(changed)) if (waiting.size < MOST_KEYS) waiting.add(key);
    if (!sending) void send();
  };
}
