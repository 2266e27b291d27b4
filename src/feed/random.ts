/** Chances that follow from a seed, the same on every machine: only additions, shifts and products. */
export type Random = {
  /** From 0 up to, not including, 1. */
  readonly next: () => number;
  /** A whole number from `least` to `most`, both included. */
  readonly int: (least: number, most: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  /** Around 0, with a standard deviation of 1, never beyond ±3. */
  readonly normal: () => number;
};

/** sfc32 (PractRand's small fast counter), begun by a seed and the name of what it is for. */
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
    int: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: probability => next() < probability,
    pick: from => from[Math.floor(next() * from.length)] as (typeof from)[number],
    // Three uniform numbers together: no logarithm, whose last digit differs between machines.
    normal: () => (next() + next() + next() - 1.5) * 2,
  };
}

function hash(text: string, start: number): number {
  let h = start | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h ^ (h >>> 15);
}
