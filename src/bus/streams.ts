import type {Publisher} from './publish.ts';

/**
 * The stream that carries every channel's events. It is one key, so that one node of a Cluster holds it and its groups.
 */
export const STREAM = 'data_sync:stream';

/** The part of an ioredis client that is needed: standalone, Sentinel or Cluster. */
type Redis = {
  readonly multi: () => {
    readonly publish: (channel: string, message: string) => {readonly xadd: Xadd};
  };
};
type Xadd = (
  key: string,
  id: '*',
  ...fields: string[]
) => {readonly exec: () => Promise<[error: Error | null, result: unknown][] | null>};

/**
 * A publisher that also appends every message to the stream, from which a group of workers takes each once:
 * `publishTrade(durable(redis), …)`. PUBLISH and XADD run in one MULTI, so that both happen or neither. Other programs
 * can send the same two commands: PUBLISH channel message; XADD data_sync:stream * channel … event ….
 */
export const durable = (redis: Redis): Publisher => ({
  publish: async (channel, message) => {
    const transaction = redis.multi().publish(channel, message).xadd(STREAM, '*', 'channel', channel, 'event', message);
    const results = (await transaction.exec()) ?? [];
    const failed = results.find(([error]) => error)?.[0];
    if (failed || results.length === 0) throw failed ?? new Error('the transaction was not executed');
    return Number(results[0]?.[1] ?? 0);
  },
});
