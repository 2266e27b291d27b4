import type {Micros} from '../core/time.ts';

/** How a trade was first met: on the bus, in the table, or in the table when the bus should have brought it. */
type Met = 'bus' | 'table' | 'missed';

/** Identities of trades, the newest `capacity` at least and twice that at most. */
export type KnownTrades = {
  readonly met: (tradeId: string) => Met | undefined;
  readonly remember: (tradeId: string, how: Met, at: Micros) => void;
  /** Everything met from then on is still known; undefined: nothing was forgotten yet. */
  readonly since: () => Micros | undefined;
};

const HOW: readonly (Met | undefined)[] = [undefined, 'bus', 'table', 'missed'];

/**
 * Two generations: when the newer is full, the older is forgotten as a whole, which costs nothing a trade. Of an identity
 * 64 bits are kept, not its text: a Map of texts costs 3 µs a trade and keeps whole messages alive. Two identities of
 * 200,000 share all 64 bits once in about 10⁹ fillings; the ledger, which keeps the texts, has the last word anyway.
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
    met: tradeId => {
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
  /** When its first was put in. */
  readonly since: () => Micros | undefined;
  /** 0: not there. */
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

// cyrb53's two lanes, whole: every character goes into both, and each ends mixed with the other.
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
