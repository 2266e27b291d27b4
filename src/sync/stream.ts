import type {Redis} from 'ioredis';
import {failureOf} from '../core/errors.ts';
import type {Micros} from '../core/time.ts';
import type {RedisClient} from '../io/redis.ts';

/** An entry of the stream. `event` undefined: it was deleted before it was acknowledged, and is lost. */
export type StreamEntry = {readonly id: string; readonly channel: string; readonly event: string | undefined};

export type StreamState = {
  /** What the group was not given yet, what it has not acknowledged, and what the stream holds in all. */
  readonly lag: number;
  readonly pending: number;
  readonly length: number;
  /** Below this every group has acknowledged everything; undefined: nothing was ever read. */
  readonly doneBelow: string | undefined;
  /** Of our group: the oldest entry that was given and not acknowledged, and the newest that was given. */
  readonly oldestPending: string | undefined;
  readonly delivered: string;
  /** Of the stream: the oldest entry that is there, and the newest that ever was. */
  readonly first: string | undefined;
  readonly last: string;
  /** The newest entry that XDEL ever took; trimming does not count. */
  readonly deleted: string;
};

/** The commands on one stream and one group, with their answers read in either protocol. */
export type Stream = {
  /** Makes the group from the stream's beginning. True: it was not there. */
  readonly ensureGroup: () => Promise<boolean>;
  /** The next entries: `0` those given to this consumer before and not acknowledged, `>` new ones, waiting up to `blockMs`. */
  readonly read: (from: '0' | '>', count: number, blockMs: number) => Promise<readonly StreamEntry[]>;
  readonly ack: (ids: readonly string[]) => Promise<void>;
  /**
   * Takes over entries that a consumer was given and has not acknowledged for `idleMs`, those that are deleted included.
   * A call looks through a part of what is pending, the next call through the part behind it, and so round and round.
   */
  readonly claim: (idleMs: number, count: number) => Promise<readonly StreamEntry[]>;
  readonly state: () => Promise<StreamState | undefined>;
  readonly trim: (below: string) => Promise<number>;
  /**
   * Which run of which server has the stream now. Where that may not be asked (INFO), every connection counts as
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
    server: async () => (await runOf(client as Redis, key)) ?? `connection ${connections}`,
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
      const wait = from === '>' ? ['BLOCK', blockMs] : [];
      const reply = await call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, ...wait, 'STREAMS', key, from);
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

// In a transaction with the key, so that in a Cluster the node is asked that has it.
async function runOf(client: Redis, key: string): Promise<string | undefined> {
  try {
    const [info] = (await client.multi().info('server').xlen(key).exec()) ?? [];
    return /^run_id:(\w+)/m.exec(String(info?.[1]))?.[1];
  } catch (error) {
    // EXECABORT does not say why; what was said to the commands before it does.
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
  // Other groups on the stream are other programs': nothing is trimmed that one of them was not given, or has pending.
  const strangers = all.filter(g => g !== ours);
  const theirs = strangers.map(g => (Number(g.get('pending')) > 0 ? '0-0' : String(g.get('last-delivered-id'))));
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

// RESP2 sends a map as a flat list (or, of XREADGROUP, as a list of pairs), RESP3 as a map.
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
