import type {Publisher} from './publish.ts';

/** What of an ioredis Cluster is needed. */
type Redis = {readonly spublish: (channel: string, message: string) => Promise<unknown>};

/**
 * A publisher for a Cluster of Redis 7 or newer that sends each message to the node that owns its channel alone, where
 * PUBLISH spreads it over all: for `publishTrade` and the others, `publishTrade(sharded(cluster), …)`. Subscribers hear
 * either way; one message goes out by one of them. The number of receivers counts those on the node that was asked.
 */
export const sharded = (cluster: Redis): Publisher => ({
  publish: async (channel, message) => Number(await cluster.spublish(channel, message)),
});
