import type {Micros} from '../core/time.ts';

/** How a trade was first met: on the bus, in the table, or in the table when the bus should have brought it. */
export type Met = 'bus' | 'table' | 'missed';

/** Identities of trades, the newest `capacity` at least and twice that at most. */
export type KnownTrades = {
  readonly met: (tradeId: string) => Met | undefined;
  readonly remember: (tradeId: string, how: Met, at: Micros) => void;
  /** Everything met from then on is still known; undefined: nothing was forgotten yet. */
  readonly since: () => Micros | undefined;
};

/** Two generations: when the newer is full, the older is forgotten as a whole, which costs nothing a trade. */
export function createKnownTrades(capacity: number): KnownTrades {
  let newer = new Map<string, Met>();
  let older = new Map<string, Met>();
  let newerSince: Micros | undefined;
  let olderSince: Micros | undefined;
  let forgot = false;
  return {
    met: tradeId => newer.get(tradeId) ?? older.get(tradeId),
    remember: (tradeId, how, at) => {
      if (newer.size >= capacity) {
        forgot ||= older.size > 0;
        [older, olderSince] = [newer, newerSince];
        [newer, newerSince] = [new Map(), undefined];
      }
      newerSince ??= at;
      newer.set(detach(tradeId), how);
    },
    since: () => (forgot ? (olderSince ?? newerSince) : undefined),
  };
}

// A text cut out of a message keeps the whole message alive; joined and cut again it keeps only itself.
const detach = (text: string): string => ` ${text}`.slice(1);
