import type {Io} from '../io/io.ts';
import type {Clock} from './clock.ts';
import type {RedisIo} from './redis-io.ts';

/** The servers that pollers query. */
export type Sources = {readonly trading: Io; readonly prefect: Io; readonly redis: RedisIo};

/** The part of the configuration that pollers need. */
export type PollSettings = {
  /** Milliseconds from which on a query counts as slow. */
  readonly slowMs: number;
  /** Name of Prefect's database, whose sessions are listed beside the trading database's. */
  readonly prefectDatabase: string;
};

/** The rows of one reading, by the samples that they go to. */
export type Rows<R extends object> = {readonly [Id in keyof R]: readonly R[Id][]};

/** Reads once. Rejects with the driver's error, or with a SourceError where the poller knows more. */
export type Reader<Result> = (io: Sources, settings: PollSettings, clock: Clock) => Promise<Result>;

type Schedule = {
  /** Shortest interval between two readings, in milliseconds; otherwise the console's refresh interval counts. */
  readonly everyMs: number;
  /**
   * Longest interval while no pane shows it and only alerts need it, in milliseconds. Default: 10 s; shorter for what an
   * alert must say sooner.
   */
  readonly unseenMs?: number;
  /** Our deadline for the whole reading, in milliseconds. */
  readonly timeoutMs: number;
  /** The statements that it may run, by their names under sql/. */
  readonly sql: readonly string[];
  /** Whether a reading needs the one before it for its rates. */
  readonly deltas: boolean;
};

/** A source that is read again and again. `R`: its samples' rows, by the names of the samples in the State. */
export type Poller<R extends object> = Schedule & {
  /** The samples that each reading fills. */
  readonly ids: readonly (keyof R & string)[];
  /** Makes a reader; it keeps what it needs of the reading before. */
  readonly reader: () => Reader<Rows<R>>;
};

/** Any poller, as the loops see it. */
export type AnyPoller<Id extends string = string> = Schedule & {
  readonly ids: readonly Id[];
  readonly reader: () => Reader<AnyRows>;
};

/** The rows of any reading, by sample. */
export type AnyRows = Readonly<Record<string, readonly unknown[]>>;

/**
 * Our deadline for a reading, in milliseconds: with the interval before it, the console notices within five seconds
 * that a source stops answering. The server's own limit for a statement is shorter, so that only a dead path reaches
 * ours.
 */
export const TIMEOUT_MS = 3000;

/** The console's own connections: one, more where the server is far away; short statements, no waiting for locks. */
export const MONITOR_PG = {max: 1, farMax: 4, statementMs: 2000, lockMs: 100, connectMs: 4000} as const;
