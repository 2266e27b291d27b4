const RETRY_MS = {first: 50, most: 2000} as const;

/** The delay before the next attempt, after one of `ms` milliseconds; 0: it is the first. Doubles up to 2 s. */
export const nextDelay = (ms: number): number => Math.min(ms === 0 ? RETRY_MS.first : ms * 2, RETRY_MS.most);
