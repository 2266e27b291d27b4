import type {Publisher} from './publish.ts';

/** The one stream that carries every channel's events; one key, so that a Cluster keeps it, and its groups, in one place. */
export const STREAM = 'data_sync:stream';

/** What of an ioredis client is needed: standalone, Sentinel or Cluster. */
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
 * A publisher that also puts every message on the stream, from where a group of workers takes each once: XADD beside
 * PUBLISH in one MULTI, so that both happen or neither. For `publishTrade` and the others: `publishTrade(durable(redis), …)`.
 * Other programs join in by the same two commands: PUBLISH channel message; XADD data_sync:stream * channel … event ….
 */
export const durable = (redis: Redis): Publisher => ({
  publish: async (channel, message) => {
    const line = redis.multi().publish(channel, message).xadd(STREAM, '*', 'channel', channel, 'event', message);
    const results = (await line.exec()) ?? [];
    const failed = results.find(([error]) => error)?.[0];
    if (failed || results.length === 0) throw failed ?? new Error('the transaction was not executed');
    return Number(results[0]?.[1] ?? 0);
  },
});
