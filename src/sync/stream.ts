import type {Redis} from 'ioredis';
import {failureOf} from '../core/errors.ts';
import type {Micros} from '../core/time.ts';
import type {RedisClient} from '../io/redis.ts';

/** Most entries that are read, or claimed, and committed together. */
export const BATCH_ENTRIES = 1000;

/** An entry of the stream. `event` undefined: it was deleted before it was acknowledged, and is lost. */
export type StreamEntry = {readonly id: string; readonly channel: string; readonly event: string | undefined};

export type StreamState = {
  /** Entries that the group was not given yet, that it has not acknowledged, and all that the stream holds. */
  readonly lag: number;
  readonly pending: number;
  readonly length: number;
  /** Every group has acknowledged all entries below this one. */
  readonly doneBelow: string;
  /** Our group's oldest entry that was given and not acknowledged. */
  readonly oldestPending: string | undefined;
  /** The newest entry that our group was given. */
  readonly delivered: string;
  /** The stream's oldest entry. */
  readonly first: string | undefined;
  /** The newest entry that the stream ever had. */
  readonly last: string;
  /** The newest entry that XDEL ever deleted; trimming does not count. */
  readonly deleted: string;
};

/** The commands on one stream and one consumer group. Their replies are read in RESP2 and RESP3. */
export type Stream = {
  /** Makes the group, from the stream's beginning. True: it was not there. */
  readonly ensureGroup: () => Promise<boolean>;
  /**
   * The next entries: `0` those that this consumer was given before and has not acknowledged, `>` new ones, for which it
   * waits up to `blockMs`.
   */
  readonly read: (from: '0' | '>', count: number, blockMs: number) => Promise<readonly StreamEntry[]>;
  readonly ack: (ids: readonly string[]) => Promise<void>;
  /**
   * Claims entries that some consumer was given and has not acknowledged for `idleMs`, deleted ones included. Each call
   * scans the next part of the pending entries, and begins again after the last part.
   */
  readonly claim: (idleMs: number, count: number) => Promise<readonly StreamEntry[]>;
  /** Whether the last call of `claim` scanned the last part. */
  readonly claimedLast: () => boolean;
  readonly state: () => Promise<StreamState | undefined>;
  readonly trim: (below: string) => Promise<number>;
  /**
   * Identifies the server that has the stream, and its run. Where the user may not call INFO, every connection counts as
   * another server.
   */
  readonly server: () => Promise<string>;
};

export function openStream(client: RedisClient, key: string, group: string, consumer: string): Stream {
  const call = (command: string, ...args: readonly (string | number)[]): Promise<unknown> =>
    (client as Redis).call(command, ...args.map(String));
  let claimFrom = '0-0';
  let connections = 0;
  for (const event of ['ready', '+node', '-node']) client.on(event, () => connections++);
  return {
    server: async () => (await runIdOf(client as Redis, key)) ?? `connection ${connections}`,
    ensureGroup: async () => {
      try {
        await call('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM');
        return true;
      } catch (error) {
        if (/BUSYGROUP/.test(String(error))) return false;
        throw error;
      }
    },
    read: async (from, count, blockMs) => {
      const block = from === '>' ? ['BLOCK', blockMs] : [];
      const reply = await call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, ...block, 'STREAMS', key, from);
      return entriesOf(pairsOf(reply)[0]?.[1]);
    },
    ack: async ids => {
      for (let at = 0; at < ids.length; at += 1000) await call('XACK', key, group, ...ids.slice(at, at + 1000));
    },
    claim: async (idleMs, count) => {
      const reply = await call('XAUTOCLAIM', key, group, consumer, idleMs, claimFrom, 'COUNT', count);
      const [next, entries, deleted] = reply as readonly unknown[];
      claimFrom = String(next);
      const gone = Array.isArray(deleted) ? deleted : [];
      return [...entriesOf(entries), ...gone.map(id => ({id: String(id), channel: '', event: undefined}))];
    },
    claimedLast: () => claimFrom === '0-0',
    state: async () => {
      const [info, groups, pending] = await Promise.all([
        call('XINFO', 'STREAM', key).catch(absent),
        call('XINFO', 'GROUPS', key).catch(absent),
        call('XPENDING', key, group).catch(absent),
      ]);
      return info === undefined || groups === undefined
        ? undefined
        : stateOf(info, groups as readonly unknown[], pending, group);
    },
    trim: async below => Number(await call('XTRIM', key, 'MINID', '~', below)),
  };
}

/** The run_id of the server that has the key: in a transaction with it, so that a Cluster asks the right node. */
async function runIdOf(client: Redis, key: string): Promise<string | undefined> {
  try {
    const [info] = (await client.multi().info('server').xlen(key).exec()) ?? [];
    return /^run_id:(\w+)/m.exec(String(info?.[1]))?.[1];
  } catch (error) {
    // EXECABORT does not say why; the errors of the commands before it do.
    const {previousErrors = []} = error as {previousErrors?: readonly unknown[]};
    if ([error, ...previousErrors].some(e => failureOf(e).why === 'denied')) return undefined;
    throw error;
  }
}

const absent = (error: unknown): undefined => {
  if (/no such key|NOGROUP/i.test(String(error))) return undefined;
  throw error;
};

function stateOf(info: unknown, groups: readonly unknown[], pending: unknown, group: string): StreamState | undefined {
  const stream = new Map(pairsOf(info));
  const all = groups.map(g => new Map(pairsOf(g)));
  const ours = all.find(g => g.get('name') === group);
  if (!ours) return undefined;
  const first = stream.get('first-entry');
  const oldestPending = (pending as readonly unknown[] | undefined)?.[1];
  const delivered = String(ours.get('last-delivered-id') ?? '0-0');
  const oldest = typeof oldestPending === 'string' ? oldestPending : undefined;
  // Other groups belong to other programs: nothing is trimmed that one of them was not given, or has pending.
  const others = all.filter(g => g !== ours);
  const theirs = others.map(g => (Number(g.get('pending')) > 0 ? '0-0' : String(g.get('last-delivered-id'))));
  return {
    lag: Number(ours.get('lag') ?? 0),
    pending: Number(ours.get('pending') ?? 0),
    length: Number(stream.get('length') ?? 0),
    doneBelow: [oldest ?? delivered, ...theirs].reduce((a, b) => (compareIds(a, b) <= 0 ? a : b)),
    oldestPending: oldest,
    delivered,
    first: Array.isArray(first) ? String(first[0]) : undefined,
    last: String(stream.get('last-generated-id') ?? '0-0'),
    deleted: String(stream.get('max-deleted-entry-id') ?? '0-0'),
  };
}

/** Orders entry IDs, `milliseconds-sequence`. */
export function compareIds(a: string, b: string): number {
  const [x, y] = [a.split('-').map(Number), b.split('-').map(Number)];
  return (x[0] ?? 0) - (y[0] ?? 0) || (x[1] ?? 0) - (y[1] ?? 0);
}

/** When Redis added an entry, by its clock. */
export const idMicros = (id: string): Micros => Number(id.split('-')[0]) * 1000;

/** Reads a map: RESP2 sends a flat list (XREADGROUP's is a list of pairs), RESP3 a map. */
function pairsOf(reply: unknown): readonly (readonly [string, unknown])[] {
  if (reply === null || reply === undefined) return [];
  if (reply instanceof Map) return [...reply].map(([key, value]) => [String(key), value] as const);
  if (!Array.isArray(reply)) return Object.entries(reply as object);
  if (Array.isArray(reply[0])) return reply.map(pair => [String(pair[0]), pair[1]] as const);
  return Array.from({length: reply.length >> 1}, (_, i) => [String(reply[2 * i]), reply[2 * i + 1]] as const);
}

function entriesOf(reply: unknown): readonly StreamEntry[] {
  if (!Array.isArray(reply)) return [];
  return reply
    .filter(entry => Array.isArray(entry))
    .map(([id, fields]) => {
      const named = new Map(pairsOf(fields));
      const text = (name: string): string => String(named.get(name) ?? '');
      return {id: String(id), channel: text('channel'), event: fields === null ? undefined : text('event')};
    });
}
