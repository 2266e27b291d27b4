import type {Micros} from '../core/time.ts';

/** Where a trade was first seen: on the bus, in the table, or in the table when it should have arrived on the bus. */
type FirstSeen = 'bus' | 'table' | 'missed';

/** Identities of trades, the newest `capacity` at least and twice that at most. */
export type KnownTrades = {
  readonly firstSeen: (tradeId: string) => FirstSeen | undefined;
  readonly remember: (tradeId: string, how: FirstSeen, at: Micros) => void;
  /** Every trade seen since then is still known; undefined: none was forgotten yet. */
  readonly since: () => Micros | undefined;
};

const HOW: readonly (FirstSeen | undefined)[] = [undefined, 'bus', 'table', 'missed'];

/**
 * Keeps two generations: when the newer one is full, it drops the older one as a whole, which costs nothing a trade. It
 * keeps 64 bits of an identity, not the text: a Map of texts costs 3 µs a trade and keeps whole messages in memory. Two
 * of 200,000 identities share all 64 bits once in about 10⁹ fillings; the synchroniser's ledger, which keeps the texts,
 * decides in the end.
 */
export function createKnownTrades(capacity: number): KnownTrades {
  let [newer, older] = [createGeneration(capacity), createGeneration(capacity)];
  let forgot = false;
  const key = {text: '', high: 0, low: 0};
  const read = (text: string): void => {
    if (text === key.text) return;
    hash(text, key);
    key.text = text;
  };
  return {
    firstSeen: tradeId => {
      read(tradeId);
      return HOW[newer.get(key.high, key.low) || older.get(key.high, key.low)];
    },
    remember: (tradeId, how, at) => {
      read(tradeId);
      if (newer.size() >= capacity) {
        forgot ||= older.size() > 0;
        [older, newer] = [newer, older];
        newer.clear();
      }
      newer.set(key.high, key.low, HOW.indexOf(how), at);
    },
    since: () => (forgot ? (older.since() ?? newer.since()) : undefined),
  };
}

type Generation = {
  readonly size: () => number;
  /** When its first identity was added. */
  readonly since: () => Micros | undefined;
  /** 0: not in it. */
  readonly get: (high: number, low: number) => number;
  readonly set: (high: number, low: number, value: number, at: Micros) => void;
  readonly clear: () => void;
};

// Open addressing, at most half full.
function createGeneration(capacity: number): Generation {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(2, capacity * 2)));
  const mask = slots - 1;
  const [highs, lows, values] = [new Uint32Array(slots), new Uint32Array(slots), new Uint8Array(slots)];
  let count = 0;
  let since: Micros | undefined;
  const find = (high: number, low: number): number => {
    let i = low & mask;
    while (values[i] !== 0 && (highs[i] !== high || lows[i] !== low)) i = (i + 1) & mask;
    return i;
  };
  return {
    size: () => count,
    since: () => since,
    get: (high, low) => values[find(high, low)] as number,
    set: (high, low, value, at) => {
      const i = find(high, low);
      if (values[i] === 0) count++;
      since ??= at;
      highs[i] = high;
      lows[i] = low;
      values[i] = value;
    },
    clear: () => {
      values.fill(0);
      count = 0;
      since = undefined;
    },
  };
}

// Both lanes of cyrb53: every character goes into both, and the end mixes each with the other.
function hash(text: string, into: {high: number; low: number}): void {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  into.high = a >>> 0;
  into.low = b >>> 0;
}
