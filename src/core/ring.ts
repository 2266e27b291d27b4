/** A bounded list that forgets its oldest. `push` is O(1); `newest` and `toArray` copy. */
export type Ring<T> = {
  readonly capacity: number;
  readonly size: () => number;
  /** How many were pushed since the start, the forgotten ones included. */
  readonly pushed: () => number;
  readonly push: (value: T) => void;
  /** Up to `count` values, newest first. */
  readonly newest: (count?: number) => readonly T[];
  readonly clear: () => void;
};

export function ring<T>(capacity: number): Ring<T> {
  const slots: T[] = [];
  let next = 0;
  let pushed = 0;
  return {
    capacity,
    size: () => slots.length,
    pushed: () => pushed,
    push: value => {
      slots[next] = value;
      next = (next + 1) % capacity;
      pushed++;
    },
    newest: (count = slots.length) => {
      const n = Math.min(count, slots.length);
      return Array.from({length: n}, (_, i) => slots[(next - 1 - i + capacity * 2) % capacity] as T);
    },
    clear: () => {
      slots.length = 0;
      next = 0;
    },
  };
}
