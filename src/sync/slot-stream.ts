import {setTimeout as delay} from 'node:timers/promises';
import type {Pg} from '../io/pg.ts';
import {createPgoutputDecoder, type Lsn} from '../io/pgoutput.ts';
import {openReplication, type Replication, type ReplicationHandlers} from '../io/replication.ts';
import type {SyncCounters} from './counters.ts';
import {createSlotChanges, SLOT_COLUMNS, type SlotChanges} from './slot-changes.ts';
import type {SlotCommit} from './slot-commit.ts';
import {PUBLICATION, SLOT} from './slot-server.ts';

/** The slot's stream on one connection: changes come in and are committed, until one of both ends. */
export type SlotStream = {
  readonly changes: SlotChanges;
  /** Every transaction that ends at or before it is committed to the ledger. */
  readonly committed: () => Lsn;
  /** Nothing that concerns the ledger ends at or before it and is not committed. */
  readonly reached: () => Lsn;
  /** Ends it; undefined: for no fault. */
  readonly end: (why: unknown) => void;
  /** Rejects with why it ended; resolves where it ended for no fault. */
  readonly ended: Promise<void>;
};

type SlotStreamOptions = {
  readonly db: Pg;
  readonly worker: string;
  readonly counters: SyncCounters;
  readonly commit: SlotCommit;
  /** Where the ledger is. */
  readonly from: Lsn;
  /** Commit what was received, and end. */
  readonly stopping: AbortSignal;
  /** End at once. */
  readonly limit: AbortSignal;
};

/** With so many trades, or so many of everything, nothing more is read until they are on their way. */
const MOST = {trades: 2000, all: 10_000} as const;
/** Fewer changes wait for more, for LINGER_MS. */
const SMALL = 200;
const LINGER_MS = 4;
/** Without changes, the position is stored so often, or where others have written so much. */
const IDLE_MS = 10_000;
const IDLE_BYTES = 1024n * 1024n;
const LOOK_MS = 1000;
/** The server is told our position, and asked whether it is there, so often; without an answer it is not. */
const STATUS_MS = 1000;
const SILENT_MS = 30_000;

/** Opens a connection for `openSlotStream`, which also can create the slot. */
export type SlotConnection = {
  readonly replication: Replication;
  /** Sets what is done with what it sends. */
  readonly handle: (handlers: ReplicationHandlers) => void;
};

export async function openSlotConnection(db: Pg, worker: string): Promise<SlotConnection> {
  let handlers: ReplicationHandlers = {onMessage: () => {}, onKeepalive: () => {}, onEnd: () => {}};
  const replication = await openReplication(db.target, `tradetop sync ${worker} slot`, {
    onMessage: data => handlers.onMessage(data),
    onKeepalive: (sent, answer) => handlers.onKeepalive(sent, answer),
    onEnd: error => handlers.onEnd(error),
  });
  return {
    replication,
    handle: next => {
      handlers = next;
    },
  };
}

/** Begins to stream; throws the driver's error where the server refuses it. */
export async function openSlotStream(connection: SlotConnection, options: SlotStreamOptions): Promise<SlotStream> {
  const {replication, handle} = connection;
  const {from, counters, stopping, limit} = options;
  const changes = createSlotChanges(counters, from);
  const decode = createPgoutputDecoder(SLOT_COLUMNS);
  const over = Promise.withResolvers<void>();
  const closed = new AbortController();
  const flow = createFlow(replication, changes);
  let [committed, busy] = [from, false];
  const status = (answer: boolean): void =>
    replication.acknowledge({received: changes.received(), flushed: committed}, answer);
  const end = (why: unknown): void => {
    if (why === undefined) over.resolve();
    else over.reject(why);
    closed.abort();
    replication.close();
  };
  handle({
    onMessage: data => {
      flow.heard();
      changes.add(decode(data));
      flow.received();
    },
    onKeepalive: (sent, answer) => {
      flow.heard();
      changes.reach(sent);
      if (answer) status(false);
    },
    onEnd: error => end(error ?? new Error('the server ended the stream')),
  });
  over.promise.catch(() => {});
  await replication.start(SLOT, PUBLICATION, from);
  const timer = setInterval(() => {
    status(!flow.paused());
    if (flow.silentMs() > SILENT_MS) end(new Error(`the server was silent for ${SILENT_MS / 1000} s`));
  }, STATUS_MS);
  const untilClosed = {signal: closed.signal};
  closed.signal.addEventListener('abort', () => clearInterval(timer));
  limit.addEventListener('abort', () => end(undefined), untilClosed);
  stopping.addEventListener('abort', flow.stop, untilClosed);
  if (stopping.aborted) flow.stop();
  const commitAll = commitChanges({...options, changes, flow, closed: closed.signal}, position => {
    busy = position === undefined;
    if (position === undefined) return;
    if (position > committed) committed = position;
    status(false);
  });
  // The last acknowledgement is on its way before the connection is cut.
  void commitAll.then(() => delay(20)).then(() => end(undefined), end);
  return {
    changes,
    committed: () => committed,
    reached: () => (busy || changes.size() > 0 ? committed : changes.end()),
    end,
    ended: over.promise.finally(() => commitAll.catch(() => {})),
  };
}

/** Flow control: the socket is not read while enough waits here, so that the server waits, and memory is bounded. */
function createFlow(replication: Replication, changes: SlotChanges) {
  let [paused, stopped] = [false, false];
  let heardAt = performance.now();
  let woken = Promise.withResolvers<void>();
  const pause = (): void => {
    if (!paused) replication.pause();
    paused = true;
  };
  return {
    paused: () => paused,
    heard: (): void => {
      heardAt = performance.now();
    },
    /** For how long nothing came, in milliseconds, although we read. */
    silentMs: () => (paused ? 0 : performance.now() - heardAt),
    received: (): void => {
      if (changes.counts().trades >= MOST.trades || changes.size() >= MOST.all) pause();
      if (changes.size() > 0) woken.resolve();
    },
    /** What waited is on its way. */
    taken: (): void => {
      if (!paused || stopped) return;
      paused = false;
      heardAt = performance.now();
      replication.resume();
    },
    stop: (): void => {
      stopped = true;
      pause();
      woken.resolve();
    },
    woken: async (ms: number, signal: AbortSignal): Promise<void> => {
      if (changes.size() > 0 || stopped || signal.aborted) return;
      woken = Promise.withResolvers();
      const timer = new AbortController();
      const abort = (): void => timer.abort();
      signal.addEventListener('abort', abort);
      await Promise.race([woken.promise, delay(ms, undefined, {signal: timer.signal}).catch(() => {})]);
      timer.abort();
      signal.removeEventListener('abort', abort);
    },
  };
}

type CommitOptions = Pick<SlotStreamOptions, 'commit' | 'stopping' | 'from'> & {
  readonly changes: SlotChanges;
  readonly flow: ReturnType<typeof createFlow>;
  /** The stream is over. */
  readonly closed: AbortSignal;
};

/**
 * Commits what comes, and now and then the position alone, until everything is committed after `stopping`. `onBatch` gets
 * undefined where a batch begins, and the position where it is committed.
 */
async function commitChanges(
  {changes, flow, commit, stopping, closed, from}: CommitOptions,
  onBatch: (position: Lsn | undefined) => void,
): Promise<void> {
  let [stored, storedAt] = [from, performance.now()];
  while (!closed.aborted) {
    if (changes.size() === 0) {
      if (stopping.aborted) return;
      await flow.woken(LOOK_MS, closed);
      const [ahead, waitedMs] = [changes.end() - stored, performance.now() - storedAt];
      const due = ahead > IDLE_BYTES || (ahead > 0n && waitedMs >= IDLE_MS);
      if (changes.size() === 0 && !due) continue;
    }
    if (changes.size() < SMALL && !stopping.aborted) await delay(LINGER_MS);
    onBatch(undefined);
    const batch = changes.take();
    flow.taken();
    if (!(await commit(batch, closed))) return;
    [stored, storedAt] = [batch.end, performance.now()];
    onBatch(batch.end);
  }
}
