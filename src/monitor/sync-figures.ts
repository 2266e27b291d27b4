import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';
import {parseMicros} from '../core/time.ts';
import {rowSchema} from './columns.ts';

const MOST_CHANNELS = 64;
const MOST_REASONS = 20;
const MOST_REJECTS = 50;

// Another release may write more or less: a part that this release does not understand counts as missing.
const number = z.number().optional().catch(undefined);
const safe = (limit: number) => z.string().transform(value => sanitise(value, limit));
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

const channel = rowSchema({
  channel: safe(200),
  received: z.number(),
  per_second: z.number(),
  /** Receipt of its last message; undefined: there was none. */
  last_at: instant,
});

/** A channel that a worker listens to. */
export type SyncChannel = z.output<typeof channel>;

const reject = rowSchema({
  reason: safe(40),
  channel: safe(200),
  detail: safe(500),
  /** The beginning of the message. */
  text: safe(500),
  bytes: z.number(),
  at: z.string().transform(parseMicros).pipe(z.number()),
});

/** A message that a worker did not accept. */
export type SyncReject = z.output<typeof reject>;

const lag = part({p50: number.nullable(), p99: number.nullable()});
const stats = z.object({
  /** The subscription's state, and why it is not `ready`. */
  link: part({state: text(20), error: text(300)}),
  channels: list(channel),
  rejected: z.record(z.string(), z.number()).catch({}),
  rejects: list(reject),
  /** Events that wait for their transaction, and trades that found no room and are recovered from the table. */
  queue: part({trades: z.number(), positions: z.number(), marks: z.number(), overflowed: number}),
  applied: part({
    trades: number,
    duplicates: number,
    adopted: number,
    restated: number,
    recovered: number,
    quarantined: number,
  }),
  batches: number,
  retries: number,
  /** Trades in the last batch, and the milliseconds of its transaction. */
  batch_size: number,
  batch_ms: number,
  /** From publication to receipt and to commit, over the last 1,000 trades, in milliseconds. */
  receive_lag: lag,
  commit_lag: lag,
  failing: part({since: instant, error: text(300)}),
  /** Positions that are due to be marked, since when there are some, and why the last attempt failed. */
  marking: part({behind: number.nullable(), since: instant, error: text(300)}),
  stream: part({
    /** Entries that the group has not been given yet. */
    lag: z.number(),
    /** Entries that the group has not acknowledged yet. */
    pending: z.number(),
    /** Entries of the stream in all. */
    length: z.number(),
  }),
  /** Of the replication slot that the worker reads, in bytes; safe: null where there is no limit. */
  slot: part({lag_bytes: z.number(), retained_bytes: z.number(), safe_bytes: number.nullable()}),
});

/** What a worker reports of itself every second. What its release does not report is undefined. */
export type SyncFigures = Readonly<ReturnType<typeof figuresOf>>;

/** Reads what a worker wrote of itself. Nothing in it is trusted, and no text makes it fail. */
export function figuresOf(written: string) {
  const {queue, applied, receive_lag: receive, commit_lag: commit, link, ...read} = stats.parse(parsed(written));
  return {
    link: link?.state,
    linkError: link?.error,
    channels: read.channels.slice(0, MOST_CHANNELS),
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
    restated: applied?.restated,
    recovered: applied?.recovered,
    quarantined: applied?.quarantined,
    retries: read.retries,
    /** Since when the database accepts no batch, and why; undefined: it does. */
    failingSince: read.failing?.since,
    failing: read.failing ? (read.failing.error ?? sanitise('no reason given')) : undefined,
    /** Messages that were not accepted, by reason. */
    rejected: Object.entries(read.rejected)
      .slice(0, MOST_REASONS)
      .map(([reason, n]) => [sanitise(reason, 40), n] as const),
    /** The last of these messages, newest first. */
    rejects: read.rejects.slice(0, MOST_REJECTS),
    stream: read.stream ?? undefined,
    marksBehind: read.marking?.behind ?? undefined,
    marksSince: read.marking?.since,
    marksError: read.marking?.error,
    slot: read.slot ?? undefined,
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
