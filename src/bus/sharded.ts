import type {Publisher} from './publish.ts';

/** The part of an ioredis Cluster that is needed. */
type Redis = {readonly spublish: (channel: string, message: string) => Promise<unknown>};

/**
 * A publisher for a Cluster of Redis 7 or newer: `publishTrade(sharded(cluster), …)`. It sends each message only to the
 * node that owns the channel, where PUBLISH spreads it over all nodes. Subscribers receive both; send each message one
 * way. The number of receivers counts those on the owner.
 */
export const sharded = (cluster: Redis): Publisher => ({
  publish: async (channel, message) => Number(await cluster.spublish(channel, message)),
});
