import type {Failure} from './errors.ts';
import type {Micros} from './time.ts';

/**
 * A row as PostgreSQL sends it, in text: integers of 2 and 4 bytes, oids, floats and booleans are decoded, everything
 * else (numeric, bigint, times, json, arrays) stays the server's own text, so that no digit is lost.
 */
export type Raw = Readonly<Record<string, string | number | boolean | null>>;

/** Asks one server by the name of a statement under sql/. Rejects with the driver's error; `failureOf` names it. */
export type Io = {
  /** PostgreSQL's major version. Known from the first connection on; 0 before. */
  readonly pgVersion: () => number;
  readonly query: (sql: string, params?: readonly unknown[], options?: QueryOptions) => Promise<readonly Raw[]>;
};

/** Identifiers by the names of their `:"name"` placeholders, unquoted; the loader quotes them. A list repeats its line. */
export type SqlNames = Readonly<Record<string, string | readonly string[]>>;

export type QueryOptions = {
  /** Our own deadline in milliseconds; a connection that misses it is thrown away. */
  readonly timeoutMs?: number;
  /** Picks among a statement's `@N` variants where not by the server's major version. */
  readonly variant?: number;
  /** Identifiers for the statement's `:"name"` placeholders. */
  readonly names?: SqlNames;
  /** Gets the time from sending to the last row, in milliseconds: without the wait for a free connection. */
  readonly timed?: (ms: number) => void;
};

/** One poll's outcome. Failure is a value: the reason is as much a reading as the rows are. */
export type Sample<Row> =
  | {
      readonly ok: true;
      readonly at: Micros;
      readonly ms: number;
      readonly rows: readonly Row[];
      /** How often it is asked for at present, in milliseconds; rows three times as old are stale. */
      readonly everyMs?: number;
    }
  | {
      readonly ok: false;
      readonly at: Micros;
      readonly ms: number;
      readonly failure: Failure;
      readonly retryAt: Micros | undefined;
    };

/** What the console holds of a source: the last good rows, and what has happened since. */
export type Held<Row> = {
  /** `waiting`: nothing yet. `stale`: good rows, older than three intervals. The rest as in `snapshot --json`. */
  readonly state: 'waiting' | 'ok' | 'empty' | 'stale' | 'down' | 'denied' | 'unsupported';
  /** When the rows were read. */
  readonly at: Micros | undefined;
  readonly rows: readonly Row[];
  /** How long the last good read took, in milliseconds. */
  readonly ms: number;
  readonly failure: Failure | undefined;
  /** Since when it has failed without a break. */
  readonly failingSince: Micros | undefined;
  readonly retryAt: Micros | undefined;
  /** From when on the rows are stale, unless new ones come. */
  readonly staleAt?: Micros | undefined;
  /** The last failure, also when it is over. */
  readonly lastFailure?: {readonly at: Micros; readonly failure: Failure} | undefined;
};

/** A pool of connections, counted. */
export type PoolCounts = {
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
};
