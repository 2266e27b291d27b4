import {hostname} from 'node:os';
import {failureOf} from '../core/errors.ts';
import {isoMicros, type Micros, nowMicros, parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import type {BusConsumer, SyncMode} from './consumer.ts';
import type {SyncCounters} from './counters.ts';
import {createDbClock} from './db-clock.ts';
import {earliestTime} from './earliest.ts';
import type {Gap, PendingGaps} from './gaps.ts';
import {BEAT} from './session.ts';

type HeartbeatOptions = {
  readonly db: Pg;
  /** The worker's name. */
  readonly worker: string;
  readonly mode: SyncMode;
  readonly gaps: PendingGaps;
  readonly counters: SyncCounters;
  readonly consumer: () => BusConsumer;
  readonly declare: (gap: Gap) => void;
  /** Drops the connections of repair, heartbeat and marking, whatever they wait for. */
  readonly drop: () => void;
};

/** Reports the worker to the database, and the database's clock and state to the worker. */
export type Heartbeat = {
  /** Writes the declared gaps and then the heartbeat. `last`: the worker stops. */
  readonly send: (last: boolean) => Promise<void>;
  /** When the database took the last one, in milliseconds of `performance.now()`; undefined: none yet. */
  readonly sentAt: () => number | undefined;
  /**
   * The time before which earlier workers had committed or declared everything; undefined: the database has not said
   * yet; null: no worker ever ran.
   */
  readonly previousSafeAt: () => Micros | null | undefined;
  /** A time of this machine's clock by the database's. */
  readonly toDb: (at: Micros) => Micros;
  /** How many workers of this mode live, this one included, as the last heartbeat found. */
  readonly workers: () => number;
};

export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const {db, worker, mode, gaps, counters, consumer} = options;
  const clock = createDbClock();
  const startedAt = nowMicros();
  let previousSafeAt: Micros | null | undefined;
  let sentAt: number | undefined;
  let workers = 1;
  const toDb = (at: Micros): string => isoMicros(clock.toDb(at));
  // For statements that also return the database's time.
  const query = async (statement: string, params: readonly unknown[]): Promise<Raw | undefined> => {
    let tookMs = 0;
    const timed = (ms: number): void => {
      tookMs = ms;
    };
    const [row] = await db.query(statement, params, {...BEAT, timed});
    clock.read(row?.clock, tookMs);
    return row;
  };
  const readPreviousSafeAt = async (): Promise<Micros | null> => {
    const text = (await query('sync/last_safe', []))?.safe_at;
    const at = typeof text === 'string' ? parseMicros(text) : undefined;
    return at === undefined ? null : clock.fromDb(at);
  };
  const send = async (last: boolean): Promise<void> => {
    if (previousSafeAt === undefined) previousSafeAt = await readPreviousSafeAt();
    const overflow = consumer().takeOverflow();
    if (overflow) options.declare({reason: 'overflow', from: overflow.from, to: overflow.to});
    await gaps.write(db, worker, clock.toDb);
    const safe = safeAt(consumer(), gaps.list());
    counters.roll();
    const stats = JSON.stringify(counters.stats(consumer().queue()));
    const safeDb = safe === undefined ? null : toDb(safe);
    const params = [worker, mode, hostname(), process.pid, toDb(startedAt), safeDb, stats, last];
    const row = await query('sync/heartbeat', params);
    counters.stored({ledger: Number(row?.ledger), quarantine: Number(row?.quarantine)});
    workers = Number(row?.workers ?? 1);
    sentAt = performance.now();
  };
  const dropConnections = createDrop(options.drop);
  return {
    send: last =>
      send(last).catch((error: unknown) => {
        if (!last) dropConnections(error);
        throw error;
      }),
    sentAt: () => sentAt,
    previousSafeAt: () => previousSafeAt,
    toDb: clock.toDb,
    workers: () => workers,
  };
}

/** All events published before this time are committed or in a gap that is in the database; undefined: unknown. */
function safeAt(consumer: BusConsumer, pending: readonly Gap[]): Micros | undefined {
  const proven = consumer.provenAt();
  if (proven === undefined || pending.some(gap => gap.from === undefined)) return undefined;
  return earliestTime([proven, consumer.oldest(), ...pending.map(gap => gap.from)]);
}

/** A repair that was ended is not ended again sooner, in milliseconds: on a slow server it would never finish. */
const DROP_EVERY_MS = 60_000;

/**
 * Drops all connections after an unanswered heartbeat: a connection that is silently dead looks like a slow one, and a
 * pass over a gap would wait on it for minutes. A connection that could not be made says nothing about the others.
 */
function createDrop(drop: () => void): (error: unknown) => void {
  let droppedAt = Number.NEGATIVE_INFINITY;
  return error => {
    const {sqlstate, message} = failureOf(error);
    if (sqlstate !== undefined || !UNANSWERED.test(message) || performance.now() - droppedAt < DROP_EVERY_MS) return;
    droppedAt = performance.now();
    drop();
  };
}

/** The driver's messages: it gives them no code. */
const UNANSWERED = /Query read timeout|Connection terminated unexpectedly/;
