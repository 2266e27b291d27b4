/**
 * Waits until `condition` returns something other than undefined, null and false, and returns that. A condition that
 * throws is not yet fulfilled; the error at the limit has its last failure. `what` completes the sentence "waited … ms
 * for …".
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 10_000,
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
