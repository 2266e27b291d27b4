import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';
import {parseMicros} from '../core/time.ts';
import type {SyncFigures} from './sync-rows.ts';

const MOST_CHANNELS = 64;
const MOST_REJECTS = 50;

// Another release may tell more or less: what is not as we know it is not known.
const number = z.number().optional().catch(undefined);
const text = (limit: number) =>
  z
    .string()
    .nullish()
    .catch(undefined)
    .transform(value => (value ? sanitise(value, limit) : undefined));
const instant = z
  .string()
  .nullish()
  .catch(undefined)
  .transform(value => (value ? parseMicros(value) : undefined));
const part = <S extends z.ZodRawShape>(shape: S) => z.object(shape).nullish().catch(undefined);
const list = <S extends z.ZodType>(item: S) =>
  z
    .array(item.nullable().catch(null as never))
    .catch([])
    .transform(items => items.filter(each => each !== null));

const lag = part({p50: number.nullable(), p99: number.nullable()});
const stats = z.object({
  link: part({state: text(20), error: text(300)}),
  channels: list(z.object({channel: z.string(), received: z.number(), per_second: z.number(), last_at: instant})),
  rejected: z.record(z.string(), z.number()).catch({}),
  rejects: list(
    z.object({
      reason: z.string(),
      channel: z.string(),
      detail: z.string(),
      text: z.string(),
      bytes: z.number(),
      at: z.string(),
    }),
  ),
  queue: part({trades: z.number(), positions: z.number(), marks: z.number(), overflowed: number}),
  applied: part({trades: number, duplicates: number, adopted: number, recovered: number, quarantined: number}),
  batches: number,
  retries: number,
  batch_size: number,
  batch_ms: number,
  receive_lag: lag,
  commit_lag: lag,
  failing: part({since: instant, error: text(300)}),
  stream: part({lag: z.number(), pending: z.number(), length: z.number()}),
});

/** Reads what a worker wrote of itself, whatever it is: nothing of it is trusted, and nothing of it can fail. */
export function figuresOf(written: string): SyncFigures {
  const {queue, applied, receive_lag: receive, commit_lag: commit, link, ...read} = stats.parse(parsed(written));
  return {
    link: link?.state,
    linkError: link?.error,
    channels: read.channels.slice(0, MOST_CHANNELS).map(c => ({
      channel: sanitise(c.channel, 200),
      received: c.received,
      perSecond: c.per_second,
      lastAt: c.last_at,
    })),
    queue: queue ? queue.trades + queue.positions + queue.marks : undefined,
    overflowed: queue?.overflowed,
    batches: read.batches,
    batchSize: read.batch_size,
    batchMs: read.batch_ms,
    receiveP50: receive?.p50 ?? undefined,
    receiveP99: receive?.p99 ?? undefined,
    commitP50: commit?.p50 ?? undefined,
    commitP99: commit?.p99 ?? undefined,
    trades: applied?.trades,
    duplicates: applied?.duplicates,
    adopted: applied?.adopted,
    recovered: applied?.recovered,
    quarantined: applied?.quarantined,
    retries: read.retries,
    failingSince: read.failing?.since,
    failing: read.failing ? (read.failing.error ?? sanitise('no reason given')) : undefined,
    rejected: Object.entries(read.rejected)
      .slice(0, 20)
      .map(([reason, n]) => [sanitise(reason, 40), n] as const),
    rejects: read.rejects.slice(0, MOST_REJECTS).flatMap(r => {
      const at = parseMicros(r.at);
      const words = {
        reason: sanitise(r.reason, 40),
        channel: sanitise(r.channel, 200),
        detail: sanitise(r.detail, 500),
      };
      return at === undefined ? [] : [{...words, text: sanitise(r.text, 500), bytes: r.bytes, at}];
    }),
    stream: read.stream ?? undefined,
  };
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
