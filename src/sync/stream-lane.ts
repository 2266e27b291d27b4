import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import {createDecoder, isReject} from '../events/decode.ts';
import type {BusLink} from '../events/event.ts';
import {STREAM} from '../events/streams.ts';
import {openRedis} from '../io/redis.ts';
import {applyIsolated, batchOf} from './isolate.ts';
import {type Item, itemOf} from './item.ts';
import type {Lane, LaneOptions} from './lane.ts';
import {createQueue} from './queue.ts';
import {compareIds, type Entry, openStream, type Stream, type StreamState} from './stream.ts';

/** The group that all workers share. */
export const GROUP = 'tradetop';

const READ = {count: 1000, blockMs: 1000} as const;
/** An entry that its worker has not acknowledged for so long is another's to take. */
const CLAIM_IDLE_MS = 30_000;
const TEND_MS = 2000;
const RETRY_MS = {first: 50, most: 2000} as const;

/**
 * A stream: Redis keeps what was published until the group has acknowledged it, which a worker does after its commit.
 * Workers share the entries; what a dead one held is claimed by the others. What is acknowledged by every group is
 * trimmed. A stream that has lost entries which were not read (a Redis without persistence that restarted, a MAXLEN of
 * someone else's) is a gap.
 */
export function openStreamLane(options: LaneOptions & {readonly claimIdleMs?: number}): Lane {
  const {redis, db, worker, tally, onLink, onGap} = options;
  const reading = openRedis(redis, {name: `tradetop sync ${worker}`, offline: 'fail'});
  const tending = openRedis(redis, {name: `tradetop sync ${worker} acks`, offline: 'fail'});
  const reader = openStream(reading, STREAM, GROUP, worker);
  const keeper = openStream(tending, STREAM, GROUP, worker);
  const stopping = new AbortController();
  const link = createLink(onLink);
  const position = createPosition(options, onGap);
  const decode = createDecoder();
  let [inHand, revalued]: [readonly Item[], readonly string[]] = [[], []];

  const take = (entries: readonly Entry[]): readonly Item[] =>
    entries.flatMap(({channel, event}) => {
      if (event === undefined) return [];
      const outcome = decode(channel, event);
      if (isReject(outcome)) tally.reject(outcome);
      else tally.event(outcome);
      return isReject(outcome) ? [] : [itemOf(outcome)];
    });
  // Tried until the database takes it: Redis keeps everything else meanwhile.
  const commit = async (entries: readonly Entry[], limit: AbortSignal): Promise<void> => {
    const batch = newestOf(take(entries));
    inHand = [...batch.trades, ...batch.positions, ...batch.marks];
    for (let wait = 0; inHand.length > 0; ) {
      const start = performance.now();
      try {
        const outcome = await applyIsolated(db, batch, {now: true, dirty: revalued});
        revalued = outcome.unmarked;
        inHand = [];
        options.onCommitted(batch, outcome, performance.now() - start);
      } catch (error) {
        wait = Math.min(wait === 0 ? RETRY_MS.first : wait * 2, RETRY_MS.most);
        options.onFailed(sanitise(failureOf(error).message, 300), wait);
        await delay(wait, undefined, {signal: limit}).catch(() => {});
        if (limit.aborted) return;
      }
    }
    // When this does not arrive they are given out again, and the ledger knows them.
    await keeper.ack(entries.map(entry => entry.id));
  };
  const limit = new AbortController();
  const reads = async (): Promise<void> => {
    let own: '0' | '>' = '0';
    while (!stopping.signal.aborted) {
      const sentAt = nowMicros();
      try {
        if (!position.known()) position.begun(await reader.ensureGroup());
        const entries = await reader.read(own, READ.count, READ.blockMs);
        link.up();
        if (entries.length > 0) await commit(entries, limit.signal);
        else own = '>';
        if (own === '>') position.proven(sentAt);
      } catch (error) {
        if (/NOGROUP|no such key/i.test(String(error))) position.lost(await reader.ensureGroup().catch(() => false));
        link.down(error);
        own = '0';
        await delay(200, undefined, {signal: stopping.signal}).catch(() => {});
      }
    }
  };
  const tends = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await tend(keeper, tally, position, entries => commit(entries, limit.signal), options.claimIdleMs).catch(
        () => {},
      );
      await delay(TEND_MS, undefined, {signal: stopping.signal}).catch(() => {});
    }
  };
  const running = reads();
  const kept = tends();
  return {
    link: link.now,
    provenAt: position.provenAt,
    oldest: () =>
      inHand.length > 0 ? inHand.map(i => Math.min(i.at, i.receivedAt)).reduce((a, b) => Math.min(a, b)) : undefined,
    queue: () => ({...createQueue().counts(), trades: inHand.length}),
    takeOverflow: () => undefined,
    stop: async signal => {
      stopping.abort();
      signal.addEventListener('abort', () => limit.abort());
      await Promise.all([running, kept]);
      reading.disconnect();
      tending.disconnect();
      return inHand.length === 0;
    },
  };
}

async function tend(
  keeper: Stream,
  tally: LaneOptions['tally'],
  position: Position,
  commit: (entries: readonly Entry[]) => Promise<void>,
  claimIdleMs: number = CLAIM_IDLE_MS,
): Promise<void> {
  const claimed = await keeper.claim(claimIdleMs, READ.count);
  if (claimed.length > 0) await commit(claimed);
  const state = await keeper.state();
  if (!state) return;
  position.seen(state);
  if (state.doneBelow !== undefined) await keeper.trim(state.doneBelow);
  tally.stream({lag: state.lag, pending: state.pending, length: state.length});
}

type Position = ReturnType<typeof createPosition>;

// Until when everything published has been read, or is held by Redis for the group.
function createPosition({before}: LaneOptions, onGap: LaneOptions['onGap']) {
  let proven: Micros | undefined;
  let [known, fresh, started] = [false, false, false];
  let held: StreamState | undefined;
  const start = (): void => {
    const since = before();
    if (started || !known || since === undefined) return;
    started = true;
    // A group that was there has kept what came while no worker ran.
    if (fresh) onGap({reason: since === null ? 'first_start' : 'restart', from: since ?? undefined, to: nowMicros()});
  };
  const from = (): Micros | undefined => {
    const oldest = held?.oldestPending === undefined ? undefined : Number(held.oldestPending.split('-')[0]) * 1000;
    return proven === undefined ? undefined : Math.min(proven, oldest ?? proven);
  };
  return {
    known: () => known,
    begun: (made: boolean): void => {
      [known, fresh] = [true, made];
      start();
    },
    proven: (at: Micros): void => {
      proven = at;
      start();
    },
    lost: (made: boolean): void => {
      if (made) onGap({reason: 'lost', from: from(), to: nowMicros()});
      held = undefined;
    },
    seen: (state: StreamState): void => {
      if (held && compareIds(state.deleted, held.deleted) > 0 && compareIds(state.deleted, state.delivered) > 0) {
        onGap({reason: 'lost', from: Number(held.delivered.split('-')[0]) * 1000, to: nowMicros()});
      }
      held = state;
    },
    provenAt: (): Micros | undefined => (started ? from() : undefined),
  };
}

// Of each position and price only the newest, and each trade once: what a batch must be.
function newestOf(items: readonly Item[]) {
  const queue = createQueue({trades: items.length, keys: items.length});
  for (const item of items) queue.offer(item);
  return queue.take(items.length) ?? batchOf([]);
}

function createLink(onLink: (link: BusLink) => void) {
  let link: BusLink = {
    state: 'connecting',
    since: nowMicros(),
    error: undefined,
    retryAt: undefined,
    drops: 0,
    latencyMs: undefined,
  };
  const to = (next: BusLink): void => {
    link = next;
    onLink(link);
  };
  to(link);
  return {
    now: () => link,
    up: () => {
      if (link.state !== 'ready') to({...link, state: 'ready', since: nowMicros(), error: undefined});
    },
    down: (error: unknown) => {
      const {why, message} = failureOf(error);
      const state = why === 'denied' ? 'denied' : 'down';
      const drops = link.drops + (link.state === 'ready' ? 1 : 0);
      to({
        ...link,
        state,
        since: link.state === state ? link.since : nowMicros(),
        error: sanitise(message, 300),
        drops,
      });
    },
  };
}
