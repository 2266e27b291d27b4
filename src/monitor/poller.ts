import type {Io} from '../io/io.ts';
import type {Clock} from './clock.ts';
import type {RedisIo} from './redis-io.ts';

/** Whom the pollers ask. */
export type Sources = {readonly trading: Io; readonly prefect: Io; readonly redis: RedisIo};

/** What the pollers must be told of the configuration. */
export type PollSettings = {
  /** A query is slow from here on, in milliseconds. */
  readonly slowMs: number;
  /** Name of Prefect's database, whose sessions are listed beside the trading database's. */
  readonly prefectDatabase: string;
};

/** The rows of one reading, by the sample that they are kept as. */
export type Rows<R extends object> = {readonly [Id in keyof R]: readonly R[Id][]};

/** Asks once. Rejects with the driver's error, or with a SourceError that says more. */
export type Reader<Result> = (io: Sources, settings: PollSettings, clock: Clock) => Promise<Result>;

type Schedule = {
  /** Never asked more often than this, in milliseconds; else at every refresh. */
  readonly everyMs: number;
  /** Our deadline for the whole reading, in milliseconds. */
  readonly timeoutMs: number;
  /** The statements that it may ask, by their names under sql/. */
  readonly sql: readonly string[];
  /** Whether a reading needs the one before it for its rates. */
  readonly deltas: boolean;
};

/** One question that is asked again and again. `R`: its samples' rows, by the names that the State gives the samples. */
export type Poller<R extends object> = Schedule & {
  /** The samples that it fills, all by the same reading. */
  readonly ids: readonly (keyof R & string)[];
  /** A reader with a memory of its own: what a fold needs of the reading before. */
  readonly reader: () => Reader<Rows<R>>;
};

/** Any poller, as the loops treat them. */
export type AnyPoller<Id extends string = string> = Schedule & {
  readonly ids: readonly Id[];
  readonly reader: () => Reader<AnyRows>;
};

/** What a reading gives, whatever the poller. */
export type AnyRows = Readonly<Record<string, readonly unknown[]>>;

/**
 * Our deadline for a reading, in milliseconds: with the interval before it, a source that stops answering is known
 * within five seconds. The server's own limit for a statement is shorter, so that ours means a dead path.
 */
export const TIMEOUT_MS = 3000;

/** How the console's own pools are to be opened: few connections, short statements, no waiting for locks. */
export const MONITOR_PG = {statementMs: 2000, lockMs: 100, connectMs: 2500} as const;
