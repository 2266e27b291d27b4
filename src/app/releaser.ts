import {setTimeout as delay} from 'node:timers/promises';

/** Holds what must be released at the end. */
export type Releaser = {
  readonly add: (release: () => unknown) => void;
  readonly release: () => Promise<void>;
};

/**
 * Releases resources in the reverse order of their taking, each within `limitMs`: one that fails or hangs does not keep
 * the next one from being released.
 */
export function createReleaser(limitMs = 5000): Releaser {
  const held: (() => unknown)[] = [];
  return {
    add: release => void held.push(release),
    release: async () => {
      for (let release = held.pop(); release; release = held.pop()) {
        const released = Promise.resolve()
          .then(release)
          .catch(() => {});
        await Promise.race([released, delay(limitMs, undefined, {ref: false})]);
      }
    },
  };
}
