/** A size of the database. `at`: milliseconds of our monotonic clock. `exact`: by its files, not by the catalogue. */
export type DatabaseSize = {readonly bytes: number; readonly exact: boolean; readonly at: number};

const HOUR_MS = 3_600_000;

/** The sizes of the last hour with a new one. A size that was found in another way cannot be compared. */
export const withSize = (sizes: readonly DatabaseSize[], now: DatabaseSize): readonly DatabaseSize[] => [
  ...sizes.filter(({exact, at}) => exact === now.exact && now.at - at <= HOUR_MS),
  now,
];

/** How much the database grew over the sizes that are known, at most the last hour; 0 where it shrank. */
export function growthOf(sizes: readonly DatabaseSize[]): {readonly grownBytes: number; readonly grownSeconds: number} {
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (first === undefined || last === undefined) return {grownBytes: 0, grownSeconds: 0};
  return {grownBytes: Math.max(0, last.bytes - first.bytes), grownSeconds: (last.at - first.at) / 1000};
}
