/** Random numbers that follow from a seed, the same on every machine: made by additions, shifts and products alone. */
export type Random = {
  /** At least 0, less than 1. */
  readonly next: () => number;
  /** A whole number from `min` to `max`, both included. */
  readonly int: (min: number, max: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  /** Around 0, with a standard deviation of 1, never beyond ±3. */
  readonly normal: () => number;
};

/** sfc32 (PractRand's small fast counter), seeded by a number and the name of its purpose. */
export function createRandom(seed: number, name: string): Random {
  let [a, b, c, counter] = [hash(name, 0x9e3779b9), seed | 0, Math.floor(seed / 2 ** 32) | 0, 1];
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 16; i++) next();
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: probability => next() < probability,
    pick: from => from[Math.floor(next() * from.length)] as (typeof from)[number],
    // The sum of three uniform numbers: it needs no logarithm, whose last digit differs between machines.
    normal: () => (next() + next() + next() - 1.5) * 2,
  };
}

function hash(text: string, start: number): number {
  let h = start | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h ^ (h >>> 15);
}
