/** Compares props by value: also the data that `select` gathered, and short lists of rows that are made at every frame. */
export function sameProps<P extends object>(a: P, b: P): boolean {
  return sameValues(a, b, 4);
}

function sameValues(a: unknown, b: unknown, depth: number): boolean {
  if (Object.is(a, b)) return true;
  if (depth === 0 || !isPlain(a) || !isPlain(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length && keys.every(key => sameValues(x[key], y[key], depth - 1));
}

const isPlain = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length <= 64
    : typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
