/** A bounded list that forgets its oldest value. `push` is O(1); `newest` copies. */
export type Ring<T> = {
  readonly push: (value: T) => void;
  /** Up to `count` values, newest first. */
  readonly newest: (count?: number) => readonly T[];
};

export function ring<T>(capacity: number): Ring<T> {
  const slots: T[] = [];
  let next = 0;
  return {
    push: value => {
      slots[next] = value;
      next = (next + 1) % capacity;
    },
    newest: (count = slots.length) => {
      const n = Math.min(count, slots.length);
      return Array.from({length: n}, (_, i) => slots[(next - 1 - i + capacity * 2) % capacity] as T);
    },
  };
}
