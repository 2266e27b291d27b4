import {setTimeout as delay} from 'node:timers/promises';
import {createDecoder, isReject} from '../bus/decode.ts';
import type {BusLink} from '../bus/event.ts';
import {type LinkInput, nextLink, startLink} from '../bus/link.ts';
import {STREAM} from '../bus/streams.ts';
import type {SafeText} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import {openRedis} from '../io/redis.ts';
import {lastErrorOf, redisWords} from '../io/redis-answer.ts';
import {createHand} from './in-flight.ts';
import {type Item, itemOf} from './item.ts';
import type {Lane, LaneOptions} from './lane.ts';
import {idMicros, openStream, type Stream, type StreamEntry} from './stream.ts';
import {createPosition, type StreamPosition} from './stream-position.ts';

/** The group that all workers share. */
export const GROUP = 'tradetop';

const READ = {count: 1000, blockMs: 1000} as const;
/** An entry that its worker has not acknowledged for so long is another's to take. */
const CLAIM_IDLE_MS = 30_000;
const TEND_MS = 2000;

/**
 * A stream: Redis keeps what was published until the group has acknowledged it, which a worker does after its commit.
 * Workers share the entries; what a dead one held is claimed by the others. What is acknowledged by every group is
 * trimmed. A stream that has lost entries which were not read, or may have (a Redis that restarted, a replica in its
 * master's place, a MAXLEN of someone else's), is a gap.
 */
export function openStreamLane(options: LaneOptions & {readonly claimIdleMs?: number}): Lane {
  const {redis, worker, tally, onLink} = options;
  const reading = openRedis(redis, {name: `tradetop sync ${worker}`, offline: 'fail'});
  const tending = openRedis(redis, {name: `tradetop sync ${worker} acks`, offline: 'fail'});
  const reader = openStream(reading, STREAM, GROUP, worker);
  const keeper = openStream(tending, STREAM, GROUP, worker);
  const stopping = new AbortController();
  const reasonOf = lastErrorOf(reading);
  const link = createLink(onLink, error => redisWords(error, redis.password()));
  const position = createPosition(options);
  const decode = createDecoder();
  const hand = createHand(options);
  const limit = new AbortController();

  const take = (entries: readonly StreamEntry[]): readonly Item[] =>
    entries.flatMap(({id, channel, event}) => {
      if (event === undefined) return [];
      const outcome = decode(channel, event);
      if (isReject(outcome)) tally.reject(outcome);
      else tally.event(outcome);
      return isReject(outcome) ? [] : [itemOf(outcome, idMicros(id))];
    });
  const commit = async (entries: readonly StreamEntry[]): Promise<void> => {
    position.gone(entries.filter(entry => entry.event === undefined).map(entry => entry.id));
    if (!(await hand.commit(take(entries), limit.signal))) return;
    // When this does not arrive they are given out again, and the ledger knows them.
    await keeper.ack(entries.map(entry => entry.id)).catch(link.note);
  };
  const reads = async (): Promise<void> => {
    let own: '0' | '>' = '0';
    while (!stopping.signal.aborted) {
      const sentAt = nowMicros();
      try {
        if (!position.known()) {
          const server = await reader.server();
          await reader.ensureGroup();
          position.begun(server);
        }
        // On the same connection before the reading itself, so that nothing that is lost by then is passed over unseen.
        const state = own === '>' ? reader.state().catch(nothing) : undefined;
        const entries = await reader.read(own, READ.count, READ.blockMs);
        const seen = await state;
        if (seen) position.seen(seen);
        link.up();
        if (entries.length > 0) await commit(entries);
        if (own === '>' && position.due()) {
          // A full answer may have more behind it; what it holds was all that there was until its last entry.
          const at = entries.length < READ.count ? sentAt : idMicros(entries.at(-1)?.id ?? '0');
          if (!position.proven(at, await reader.server())) own = '0';
        } else if (entries.length === 0) own = '>';
      } catch (error) {
        if (/NOGROUP|no such key/i.test(String(error))) await reader.ensureGroup().then(position.lost, nothing);
        link.down(error, reasonOf());
        own = '0';
        await delay(200, undefined, {signal: stopping.signal}).catch(nothing);
      }
    }
  };
  const tends = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await tend(keeper, tally, position, commit, options.claimIdleMs).then(
        () => link.note(undefined),
        error => link.note(error),
      );
      await delay(TEND_MS, undefined, {signal: stopping.signal}).catch(nothing);
    }
  };
  const running = Promise.all([reads(), tends()]);
  return {
    link: link.now,
    provenAt: position.provenAt,
    oldest: hand.oldest,
    queue: hand.counts,
    takeOverflow: () => undefined,
    stop: async signal => {
      stopping.abort();
      signal.addEventListener('abort', () => limit.abort());
      if (signal.aborted) limit.abort();
      await running;
      reading.disconnect();
      tending.disconnect();
      return hand.size() === 0;
    },
  };
}

const isReply = (error: unknown): boolean => (error as {name?: unknown} | null)?.name === 'ReplyError';
const nothing = (): undefined => undefined;

async function tend(
  keeper: Stream,
  tally: LaneOptions['tally'],
  position: StreamPosition,
  commit: (entries: readonly StreamEntry[]) => Promise<void>,
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

function createLink(onLink: (link: BusLink) => void, words: (error: unknown) => SafeText) {
  let link = startLink(nowMicros());
  const hear = (...inputs: readonly LinkInput[]): void => {
    const at = nowMicros();
    link = inputs.reduce((now, input) => nextLink(now, input, at, words), link);
    onLink(link);
  };
  hear();
  return {
    now: () => link,
    up: () => {
      if (link.state !== 'ready') hear({what: 'ready'});
    },
    /** What goes wrong beside the reading, which goes on. */
    note: (note: unknown) => {
      const said = note === undefined ? undefined : words(note);
      if (link.state === 'ready' && link.error !== said) hear({what: 'ready', note});
    },
    /** A command failed; `reason`: why there is no connection, where there is none. */
    down: (failed: unknown, reason: unknown) => {
      // The first command may come before the first connection.
      if (link.state === 'connecting' && reason === undefined && !isReply(failed)) return;
      hear({what: 'lost'}, {what: 'failed', error: isReply(failed) ? failed : (reason ?? failed)});
    },
  };
}
