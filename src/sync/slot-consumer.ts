import {setTimeout as delay} from 'node:timers/promises';
import {failureOf, UserError} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Lsn} from '../io/pgoutput.ts';
import {nextDelay} from './backoff.ts';
import type {BusConsumer, ConsumerOptions} from './consumer.ts';
import {createQueue} from './queue.ts';
import {createSlotCommit} from './slot-commit.ts';
import {
  beginAt,
  createSlot,
  dropSlot,
  isLost,
  mismatchOf,
  PUBLICATION,
  readSlotState,
  type SlotState,
  slotProblem,
} from './slot-server.ts';
import {openSlotConnection, openSlotStream, type SlotConnection, type SlotStream} from './slot-stream.ts';
import {createSlotProof, isLeaving, reportSlot, type SlotProof, sampleOf} from './slot-watch.ts';
import {createStreamLink, type StreamLink} from './stream-link.ts';

/** The server is asked so often how the slot is. */
const WATCH_MS = 1000;
/** object_in_use: another worker reads the slot. */
const IN_USE = '55006';
/** undefined_object: of the slot, or of the publication, as its message says in some language. */
const UNDEFINED = '42704';
const NAMES_PUBLICATION = new RegExp(`\\b${PUBLICATION}\\b`);

/**
 * Consumes the WAL by logical decoding: every change of the desk's tables, in the order of commits, updates and deletions
 * too. The position up to which the ledger has applied it is stored in the ledger's own transactions, and the server is
 * told only that; so each change counts once, and none is lost while no worker runs. One worker reads the slot, others
 * wait for it to be free. Where the slot cannot have brought everything (it is new, was dropped or invalidated, the
 * publication was changed) a gap over all trades is recorded together with the position that it begins from. Needs no
 * Redis.
 */
export function openSlotConsumer(options: ConsumerOptions): BusConsumer {
  const [stopping, limit] = [new AbortController(), new AbortController()];
  const link = createStreamLink(options.onLink, wordsOf);
  const proof = createSlotProof();
  const reader: Reader = {
    ...options,
    link,
    proof,
    stream: undefined,
    streams: 0,
    stopping: stopping.signal,
    limit: limit.signal,
  };
  const running = readUntilStopped(reader);
  const watching = watchUntilStopped(reader);
  const none = createQueue().counts();
  return {
    link: link.now,
    provenAt: proof.provenAt,
    // What is not committed is not proven either.
    oldest: () => undefined,
    queue: () => ({...none, ...reader.stream?.changes.counts()}),
    takeOverflow: () => undefined,
    stop: async signal => {
      stopping.abort();
      signal.addEventListener('abort', () => limit.abort());
      if (signal.aborted) limit.abort();
      await Promise.all([running, watching]);
      return (reader.stream?.changes.size() ?? 0) === 0;
    },
  };
}

const wordsOf = (error: unknown): SafeText =>
  sanitise(error instanceof UserError ? `${error.message} ${error.next}` : failureOf(error).message, 300);

type Reader = ConsumerOptions & {
  readonly link: StreamLink;
  readonly proof: SlotProof;
  /** The present one; the last one once the service stops. */
  stream: SlotStream | undefined;
  /** How many there were. */
  streams: number;
  readonly stopping: AbortSignal;
  readonly limit: AbortSignal;
};

async function readUntilStopped(reader: Reader): Promise<void> {
  const {link, stopping} = reader;
  for (let wait = 0; !stopping.aborted; ) {
    const before = reader.streams;
    try {
      await readOnce(reader);
    } catch (error) {
      if (!stopping.aborted) link.down(error, error);
    }
    if (!stopping.aborted) reader.stream = undefined;
    reader.counters.slot(null);
    wait = nextDelay(reader.streams === before ? wait : 0);
    await delay(wait, undefined, {signal: stopping}).catch(() => {});
  }
}

/** Reads the slot until the stream ends, or finds that another worker does. */
async function readOnce(reader: Reader): Promise<void> {
  const {db, maintenance, worker, counters, link, stopping, limit} = reader;
  const state = await readSlotState(maintenance);
  const problem = slotProblem(state, db.target.user);
  if (problem) throw problem;
  if (state.active) return waitFor(reader, 'another worker reads the slot');
  const connection = await openSlotConnection(maintenance, worker);
  const cut = (): void => connection.replication.close();
  stopping.addEventListener('abort', cut);
  try {
    const from = await positionOf(reader, state, connection);
    const commit = createSlotCommit(reader);
    const stream = await openSlotStream(connection, {db, worker, counters, commit, from, stopping, limit});
    stopping.removeEventListener('abort', cut);
    reader.stream = stream;
    reader.streams++;
    link.up();
    link.note(undefined);
    await stream.ended;
  } catch (error) {
    cut();
    const {sqlstate, message} = failureOf(error);
    if (sqlstate === IN_USE) return waitFor(reader, message);
    // The slot is older than the publication, which was made anew: it cannot be read beyond that.
    if (sqlstate === UNDEFINED && NAMES_PUBLICATION.test(message)) await dropSlot(maintenance).catch(() => {});
    throw error;
  } finally {
    stopping.removeEventListener('abort', cut);
  }
}

/** This worker is well, and waits for another one to end. */
function waitFor({link}: Reader, why: string): void {
  link.up();
  link.note(new Error(`waits: ${why}`));
}

/**
 * Where to begin: the ledger's own position, where that and the slot belong together. Otherwise the slot's, which is made
 * anew where it is gone; then a gap over all trades is recorded with it.
 */
async function positionOf(reader: Reader, state: SlotState, {replication}: SlotConnection): Promise<Lsn> {
  const {maintenance, worker, link, onGap} = reader;
  const lost = state.there && isLost(state);
  if (lost) await dropSlot(maintenance);
  const making = !state.there || lost;
  if (making) link.down(...CREATING);
  const created = making ? await createSlot(maintenance, replication) : undefined;
  const {applied, confirmed, invalidated} = state;
  const gone = applied === undefined ? 'the slot is new' : 'the slot was gone';
  const why = lost
    ? `the server invalidated the slot: ${invalidated ?? 'WAL is lost'}`
    : created
      ? gone
      : mismatchOf(state);
  if (why === undefined && applied !== undefined) return applied;
  const sameSlot = state.appliedSystemId === state.systemId && (confirmed ?? 0n) <= (applied ?? 0n);
  const lsn = created ?? (sameSlot && applied !== undefined && applied <= state.walNow ? applied : confirmed) ?? 0n;
  onGap(await beginAt(maintenance, state, {lsn, worker}), why);
  return lsn;
}

const creating = new Error('the slot is made once the transactions that are open now have ended');
const CREATING = [creating, creating] as const;

async function watchUntilStopped(reader: Reader): Promise<void> {
  const {link, stopping} = reader;
  while (!stopping.aborted) {
    await delay(WATCH_MS, undefined, {signal: stopping}).catch(() => {});
    const {stream} = reader;
    if (stopping.aborted || !stream || link.now().state !== 'ready') continue;
    await watchOnce(reader, stream).catch((error: unknown) => {
      // A server that stops waits until its walsenders are through, and we cannot commit any more: leave it at once.
      if (isLeaving(error)) stream.end(error);
    });
  }
}

async function watchOnce(reader: Reader, stream: SlotStream): Promise<void> {
  const {maintenance, worker, counters, link, proof, onGap} = reader;
  const {at, state} = await sampleOf(() => readSlotState(maintenance));
  if (state.standby) return stream.end(new Error('the server has become a standby'));
  const reached = stream.reached();
  const trouble = reportSlot(counters, state, reached);
  link.note(trouble === undefined ? undefined : new Error(trouble));
  if (state.lacking !== undefined) return;
  if (state.appliedPublication !== undefined && state.publication !== state.appliedPublication) {
    onGap(await beginAt(maintenance, state, {lsn: stream.committed(), worker}), 'the publication was changed');
  }
  proof.sampled(at, state.walNow);
  proof.reached(reached);
}
