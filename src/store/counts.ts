import type {Micros} from '../core/time.ts';

/** Counts events in each second of the last `seconds`. It allocates nothing after its creation. */
export type Counts = {
  readonly add: (at: Micros) => void;
  /** Events in the `seconds` that end with `at`, including the present second. */
  readonly within: (seconds: number, at: Micros) => number;
  /**
   * Writes the events in each of the last `into.length` spans of `span` seconds, oldest first. Spans start at
   * multiples.
   */
  readonly spans: (span: number, at: Micros, into: number[]) => void;
};

const second = (at: Micros): number => Math.floor(at / 1_000_000);

export function createCounts(seconds: number): Counts {
  const slots = new Uint32Array(seconds);
  const stamps = new Float64Array(seconds).fill(Number.NEGATIVE_INFINITY);
  const slotOf = (s: number): number => ((s % seconds) + seconds) % seconds;
  const count = (s: number): number => (stamps[slotOf(s)] === s ? (slots[slotOf(s)] as number) : 0);
  return {
    add: at => {
      const s = second(at);
      const slot = slotOf(s);
      // After a clock was set back, an event counts into the newer second of its slot.
      if (s > (stamps[slot] as number)) {
        stamps[slot] = s;
        slots[slot] = 0;
      }
      slots[slot] = (slots[slot] as number) + 1;
    },
    within: (width, at) => {
      let sum = 0;
      for (let s = second(at), i = 0; i < width; i++) sum += count(s - i);
      return sum;
    },
    spans: (span, at, into) => {
      const last = Math.floor(second(at) / span);
      for (let i = 0; i < into.length; i++) {
        let sum = 0;
        const from = (last - into.length + 1 + i) * span;
        for (let s = from; s < from + span; s++) sum += count(s);
        into[i] = sum;
      }
    },
  };
}
