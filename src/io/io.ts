/**
 * A row as PostgreSQL sends it, in text: integers of 2 and 4 bytes, oids, floats and booleans are decoded. Everything
 * else (numeric, bigint, times, json, arrays) stays the server's own text, so that no digit is lost.
 */
export type Raw = Readonly<Record<string, string | number | boolean | null>>;

/** Queries one server by the name of a statement under sql/. Rejects with the driver's error; `failureOf` classifies it. */
export type Io = {
  /** PostgreSQL's major version, known from the first connection on; 0 before. */
  readonly pgVersion: () => number;
  readonly query: (sql: string, params?: readonly unknown[], options?: QueryOptions) => Promise<readonly Raw[]>;
};

/** Identifiers by the names of their `:"name"` placeholders, unquoted; the loader quotes them. A list repeats its line. */
export type SqlNames = Readonly<Record<string, string | readonly string[]>>;

type QueryOptions = {
  /** Our own deadline in milliseconds; a connection that misses it is thrown away. */
  readonly timeoutMs?: number;
  /** The same, asked when the statement has its connection: the wait for one is not the server's. */
  readonly limitMs?: () => number;
  /** Picks among a statement's `@N` variants; default: by the server's major version. */
  readonly variant?: number;
  /** Identifiers for the statement's `:"name"` placeholders. */
  readonly names?: SqlNames;
  /** Receives the time from sending to the last row, in milliseconds, without the wait for a free connection. */
  readonly timed?: (ms: number) => void;
};

/** The connections of a pool, counted. */
export type PoolCounts = {
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
};
