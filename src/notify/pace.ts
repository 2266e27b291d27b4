/** Messages that may be sent at once, and then one in so many milliseconds. */
const [BURST, EVERY_MS] = [5, 12_000];

/** Delays between two tries of a message, in milliseconds: the first, and the longest. */
const RETRY_MS = {first: 2000, most: 300_000} as const;

/** How many messages a receiver may get: five at once, and five a minute in the long run. */
export type MessagePace = {
  readonly ready: (nowMs: number) => boolean;
  /** Counts a message. */
  readonly take: (nowMs: number) => void;
};

/** A token bucket that begins full. */
export function createMessagePace(nowMs: number): MessagePace {
  let [tokens, at] = [BURST, nowMs];
  const fill = (now: number): void => {
    tokens = Math.min(BURST, tokens + Math.max(0, now - at) / EVERY_MS);
    at = now;
  };
  return {
    ready: now => {
      fill(now);
      return tokens >= 1;
    },
    take: now => {
      fill(now);
      tokens = Math.max(0, tokens - 1);
    },
  };
}

/**
 * The delay before the next try, in milliseconds: doubles with each try up to five minutes, and varies by half, so that
 * receivers that failed together are not asked together. What the receiver asks for counts, up to an hour.
 */
export function retryDelay(attempts: number, random: () => number, askedMs = 0): number {
  const whole = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(attempts - 1, 20));
  return Math.max(Math.min(askedMs, 3_600_000), whole * (0.5 + random() / 2));
}
