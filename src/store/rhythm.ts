import type {Micros} from '../core/time.ts';

/** How regularly something comes, learnt from its gaps. It allocates nothing after its creation. */
export type Rhythm = {
  readonly beat: (at: Micros) => void;
  readonly lastAt: () => Micros | undefined;
  /** The longest gap that is usual, in seconds; undefined: too little was heard. */
  readonly usual: () => number | undefined;
};

/** What comes within a second counts as one. */
const SECOND: Micros = 1_000_000;
/** So many gaps must have been heard. */
const LEAST_GAPS = 10;
/** The weight of a new gap. */
const SHARE = 1 / 16;
/** The longest usual gap, in mean gaps, and in mean deviations over the mean gap: exponential gaps exceed it once in 10⁶. */
const MEAN_GAPS = 5;
const DEVIATIONS = 20;

export function createRhythm(): Rhythm {
  let [mean, deviation, gaps] = [0, 0, 0];
  let [beatAt, lastAt] = [Number.NaN, Number.NaN];
  const usual = (): number | undefined =>
    gaps < LEAST_GAPS ? undefined : Math.max(MEAN_GAPS * mean, mean + DEVIATIONS * deviation);
  return {
    beat: at => {
      lastAt = at;
      if (at - beatAt < SECOND) return;
      const gap = (at - beatAt) / SECOND;
      beatAt = at;
      if (Number.isNaN(gap)) return;
      // A night without trading must not make the next silence usual.
      const counted = Math.min(gap, usual() ?? gap);
      deviation += gaps === 0 ? counted / 2 : SHARE * (Math.abs(counted - mean) - deviation);
      mean += gaps === 0 ? counted : SHARE * (counted - mean);
      gaps++;
    },
    lastAt: () => (Number.isNaN(lastAt) ? undefined : lastAt),
    usual,
  };
}
