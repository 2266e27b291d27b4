/** The newest numbers of a series, and their percentiles. */
export type Percentiles = {
  /** Cheap enough for every event: it neither sorts nor allocates. */
  readonly add: (value: number) => void;
  readonly newest: () => number | undefined;
  /** The smallest number that at least the share `q` (0…1) of them does not exceed; undefined before the first. */
  readonly at: (q: number) => number | undefined;
};

/** Keeps the last `size` numbers. It sorts them when a percentile is read, at most once after each `add`. */
export function createPercentiles(size: number): Percentiles {
  const values = new Float64Array(size);
  let added = 0;
  let sorted = values.slice(0, 0);
  let sortedAfter = 0;
  return {
    add: value => {
      values[added++ % size] = value;
    },
    newest: () => (added === 0 ? undefined : values[(added - 1) % size]),
    at: q => {
      if (sortedAfter !== added) sorted = values.slice(0, Math.min(added, size)).sort();
      sortedAfter = added;
      return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
    },
  };
}
