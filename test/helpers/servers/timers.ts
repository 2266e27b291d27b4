import {limitAfter} from './wait.ts';

// The timers of the servers that tests start and of tradetop's own connections, in milliseconds. A limit of a wait is
// made of those that must run out before what it waits for can happen.

/** Redis Cluster. A replica waits up to `electionMs` before it asks for votes, and `retryMs` after a vote that failed. */
export const CLUSTER = {nodeTimeoutMs: 800, electionMs: 1000, retryMs: 4000} as const;

/** Sentinel. It tries a failover that failed again after twice `failoverMs`. */
export const SENTINEL = {downAfterMs: 600, failoverMs: 3000} as const;

/** The Redis clients of src/io/redis.ts: when they give up a silent path and a connection attempt, and try again. */
const REDIS_CLIENT = {socketMs: 3000, connectMs: 3000, retryMs: 2000} as const;

/** The synchroniser's PostgreSQL connections: when it gives up an answer and a connection attempt, and tries again. */
const PG_CLIENT = {answerMs: 12_000, connectMs: 3000, retryMs: 2000} as const;

const sum = (timers: Readonly<Record<string, number>>): number => Object.values(timers).reduce((a, b) => a + b, 0);

/** Limit of a wait for a Cluster to promote a replica. */
export const CLUSTER_FAILOVER_MS = limitAfter(sum(CLUSTER));

/** Limit of a wait for the Sentinels to promote a replica. */
export const SENTINEL_FAILOVER_MS = limitAfter(SENTINEL.downAfterMs, 2 * SENTINEL.failoverMs);

/** Limit of a wait for a Redis client to notice that its connection is gone, or to have the next one. */
export const REDIS_LINK_MS = limitAfter(sum(REDIS_CLIENT));

/** Limit of a wait for the synchroniser to work again, whichever of its connections was lost. */
export const SYNC_MS = limitAfter(sum(REDIS_CLIENT), sum(PG_CLIENT));

/** Timeout of a test that waits for several of these in turn. They are limits: a test takes as long as it must. */
export const LONG_TEST_MS = 900_000;
