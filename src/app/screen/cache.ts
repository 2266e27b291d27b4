/** Keeps what was made from a key, for at least the last `size` keys that were asked for. */
export type Cache<K, V> = {
  /** The value of a key; it is made where it is not known. */
  readonly get: (key: K, make: () => V) => V;
};

/** A cache of two generations: the older one is forgotten when the younger one is full. */
export function createCache<K, V>(size: number): Cache<K, V> {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  return {
    get: (key, make) => {
      const known = young.get(key);
      if (known !== undefined) return known;
      const value = old.get(key) ?? make();
      if (young.size >= size) [old, young] = [young, new Map()];
      young.set(key, value);
      return value;
    },
  };
}
