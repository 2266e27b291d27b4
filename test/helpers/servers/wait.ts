/** Limit of a wait for what a program or a server does at once, in milliseconds: a busy machine may take long. */
export const LIMIT_MS = 30_000;

/** A wait may take this many times the timers that it waits for: a busy machine lets some of them run out in vain. */
const SLACK = 10;

/** Limit of a wait that ends only after these timers have run out one after the other, all in milliseconds. */
export const limitAfter = (...timersMs: readonly number[]): number =>
  LIMIT_MS + SLACK * timersMs.reduce((sum, ms) => sum + ms, 0);

/**
 * Waits until `condition` returns something other than undefined, null and false, and returns that. A condition that
 * throws is not yet fulfilled; the error at the limit has its last failure. `what` completes the sentence "waited … ms
 * for …".
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = LIMIT_MS,
): Promise<Exclude<T, undefined | null | false>> {
  const start = Date.now();
  let last: unknown;
  for (;;) {
    try {
      last = await condition();
      if (last !== undefined && last !== null && last !== false) return last as Exclude<T, undefined | null | false>;
    } catch (error) {
      last = error;
    }
    if (Date.now() - start >= limitMs) break;
    await new Promise(resolve => setTimeout(resolve, 15));
  }
  const why = last instanceof Error ? `; it failed with: ${last.message}` : `; it was ${String(last)}`;
  throw new Error(`waited ${limitMs} ms for ${what}${why}`);
}
