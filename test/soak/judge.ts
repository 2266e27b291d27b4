/** What a console holds at one time. Memory in bytes; `sessions` NaN: the server did not answer. */
export type Sampled = {
  readonly at: number;
  readonly rss: number;
  readonly heap: number;
  readonly handles: number;
  readonly listeners: number;
  readonly sessions: number;
};

/** How much more the end may hold than the beginning: a part of it, and what may be added to that. */
const LIMITS = {
  rss: {times: 1.15, more: 8 * 2 ** 20},
  heap: {times: 1.15, more: 3 * 2 ** 20},
  handles: {times: 1, more: 8},
  listeners: {times: 1, more: 2},
  sessions: {times: 1, more: 4},
} as const;

type Figure = keyof typeof LIMITS;

/** The samples that count: the first tenth is the time to get warm. */
const warm = (samples: readonly Sampled[]): readonly Sampled[] => samples.slice(Math.floor(samples.length / 10));

const median = (numbers: readonly number[]): number => {
  const known = numbers.filter(n => !Number.isNaN(n)).toSorted((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? Number.NaN;
};

/** Compares the medians of the first and the last third: a table for a person, and what has grown too much. */
export function verdict(samples: readonly Sampled[]): {readonly table: string; readonly failed: readonly string[]} {
  const all = warm(samples);
  const third = Math.max(1, Math.floor(all.length / 3));
  const rows = (Object.keys(LIMITS) as Figure[]).map(figure => {
    const of = (some: readonly Sampled[]): number => median(some.map(sample => sample[figure]));
    const [first, last] = [of(all.slice(0, third)), of(all.slice(-third))];
    const {times, more} = LIMITS[figure];
    return {
      figure,
      first,
      last,
      most: Math.max(...all.map(sample => sample[figure] || 0)),
      bad: !(last <= first * times + more),
    };
  });
  const show = (figure: Figure, n: number): string =>
    figure === 'rss' || figure === 'heap' ? `${(n / 2 ** 20).toFixed(1)} MiB` : String(n);
  return {
    table: rows
      .map(({figure, first, last, most}) => {
        const cells = [first, last, most].map(n => show(figure, n).padStart(11));
        return `${figure.padEnd(10)} first third ${cells[0]}  last third ${cells[1]}  most ${cells[2]}`;
      })
      .join('\n'),
    failed: rows
      .filter(({bad}) => bad)
      .map(({figure, first, last}) => `${figure} grew from ${show(figure, first)} to ${show(figure, last)}`),
  };
}
