import type {Digits} from '../core/decimal.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';

/** One execution, as the tape shows it: from the bus, or from execution.trades. Quantities and money keep their digits. */
export type TradeRow = {
  readonly tradeId: SafeText;
  readonly orderId: SafeText | undefined;
  readonly accountId: SafeText;
  readonly symbol: SafeText;
  /** Unknown where neither the event nor the order tells. */
  readonly side: 'buy' | 'sell' | undefined;
  readonly quantity: Digits;
  readonly price: Digits;
  readonly commission: Digits | undefined;
  readonly strategy: SafeText | undefined;
  readonly tradeType: SafeText | undefined;
  readonly realizedPnl: Digits | undefined;
  readonly executedAt: Micros;
  /** When the console had it. */
  readonly receivedAt: Micros;
  /** Receipt minus event time, in milliseconds; undefined for rows read from the table. */
  readonly lagMs: number | undefined;
  /** `table`: read at the start, or recovered because the bus did not bring it. */
  readonly from: 'bus' | 'table';
};

export type PositionRow = {
  readonly accountId: SafeText;
  readonly symbol: SafeText;
  readonly quantity: Digits;
  readonly avgPrice: Digits;
  /** Last price: the bus's newest for the symbol, else what market_value says; undefined when neither is known. */
  readonly mark: Digits | undefined;
  readonly markAt: Micros | undefined;
  readonly marketValue: Digits | undefined;
  readonly unrealizedPnl: Digits | undefined;
  readonly realizedPnl: Digits | undefined;
  readonly lastUpdated: Micros | undefined;
  /** Over all open positions (realised P&L: over the closed ones too), also those beyond the rows that are shown. */
  readonly sums?: PositionSums;
};

type PositionSums = {
  readonly open: number;
  readonly marketValue: Digits | undefined;
  readonly unrealizedPnl: Digits | undefined;
  readonly realizedPnl: Digits | undefined;
};

/** One entry of pg_stat_statements over the last interval. */
export type StatementRow = {
  /** userid, dbid, queryid and toplevel: what pg_stat_statements itself is keyed by. */
  readonly key: string;
  /** The role's name; services have a role each. */
  readonly service: SafeText;
  readonly database: SafeText;
  readonly query: SafeText;
  /** In the interval. */
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly meanMs: number;
  readonly totalMs: number;
  /** Of all statements' time in the interval, 0…100. */
  readonly percent: number;
  readonly rowsPerCall: number;
  /** Shared blocks found in cache, 0…100; undefined when none were read. */
  readonly hitPercent: number | undefined;
  /** Since the entry's own start. */
  readonly callsTotal: number;
  readonly meanMsTotal: number;
  readonly maxMs: number;
  /** Waiting for blocks to be read or written in the interval, in milliseconds; 0 where track_io_timing is off. */
  readonly ioMs?: number;
};

/** Facts about the statements' reading as a whole. */
export type StatementsInfoRow = {
  readonly statements: number;
  /** Evictions since the reset: when it grows, the list is not complete. */
  readonly dealloc: number;
  readonly statsReset: Micros | undefined;
  /** The interval that the deltas span, in seconds; undefined after the first reading. */
  readonly intervalSeconds: number | undefined;
  /** When the console saw entries evicted. */
  readonly lastDeallocAt?: Micros | undefined;
};

/** A query that runs longer than the threshold now. */
export type RunningRow = {
  readonly pid: number;
  readonly backendStart: Micros;
  readonly service: SafeText;
  readonly application: SafeText;
  readonly database: SafeText;
  readonly state: SafeText;
  /** `Lock:transactionid`, or undefined when it is on the processor. */
  readonly wait: SafeText | undefined;
  readonly blockedBy: readonly number[];
  readonly seconds: number;
  readonly query: SafeText;
};

/** The sessions of one service (role and application). */
export type SessionsRow = {
  readonly service: SafeText;
  readonly database: SafeText;
  readonly sessions: number;
  readonly active: number;
  readonly idle: number;
  readonly idleInTransaction: number;
  /** The longest idle transaction, in seconds; 0 when none. */
  readonly idleInTransactionSeconds: number;
  readonly idleInTransactionPid?: number | undefined;
  readonly waiting: number;
  /** The longest wait for a lock, in seconds, and who holds it. */
  readonly blockedSeconds: number;
  readonly blockedBy: number | undefined;
  readonly waitingPid?: number | undefined;
  readonly blockedByService?: SafeText | undefined;
};

/** The server and the trading database, for the header. Rates are per second over the last interval. */
export type ServerRow = {
  readonly version: SafeText;
  readonly database: SafeText;
  readonly user: SafeText;
  readonly standby: boolean;
  readonly startedAt: Micros;
  readonly sessions: number;
  readonly active: number;
  readonly waiting: number;
  readonly maxConnections: number;
  readonly oldestXactSeconds: number;
  readonly sizeBytes: number;
  readonly tps: number | undefined;
  readonly hitPercent: number | undefined;
  readonly walBytesPerSecond: number | undefined;
  readonly deadlocks: number;
  /** Whether this role reads other users' statistics (pg_read_all_stats). */
  readonly readsAllStats: boolean;
  /** Round trip, without the server's work on the statement, in milliseconds. */
  readonly latencyMs?: number | undefined;
  /**
   * Standbys that receive from this server now, and when there were fewer than before; undefined once they are back.
   */
  readonly standbys?: number;
  readonly standbyLostAt?: Micros | undefined;
  /**
   * When the console saw that the server had been restarted, that it had changed between primary and standby, or that
   * it had a deadlock.
   */
  readonly restartedAt?: Micros | undefined;
  readonly roleChangedAt?: Micros | undefined;
  readonly lastDeadlockAt?: Micros | undefined;
};

export type RedisRow = {
  readonly version: SafeText;
  readonly role: SafeText;
  readonly uptimeSeconds: number;
  readonly clients: number;
  readonly memoryBytes: number;
  /** 0: no limit. */
  readonly maxMemoryBytes: number;
  readonly evicted: number;
  /** Clients cut off because they read too slowly; undefined on servers that do not count them. */
  readonly outputBufferCuts: number | undefined;
  /** Subscribers on the three desk channels together, and the server's patterns, each counted once. */
  readonly subscribers: number;
  readonly latencyMs: number;
  /** When the console saw that the server had been restarted, evicted keys, or cut a client off. */
  readonly restartedAt?: Micros | undefined;
  readonly lastEvictionAt?: Micros | undefined;
  readonly lastCutAt?: Micros | undefined;
};

export type PrefectRow = {
  /** False: Prefect has not made its tables yet. */
  readonly initialised: boolean;
  readonly lateRuns: number;
  readonly runningRuns: number;
  readonly failedRuns: number;
  readonly latencyMs: number;
};

/** A table that can be chosen for maintenance. */
export type TableRow = {
  readonly schema: SafeText;
  readonly name: SafeText;
  readonly kind: 'table' | 'partitioned' | 'partition';
  /** Table, TOAST and indexes; undefined while another session holds it exclusively. */
  readonly sizeBytes: number | undefined;
  readonly liveRows: number;
  readonly deadRows: number;
  readonly lastVacuum: Micros | undefined;
  readonly lastAnalyze: Micros | undefined;
  readonly vacuumCount: number;
};

export type VacuumProgressRow = {
  readonly pid: number;
  readonly relation: SafeText;
  readonly phase: SafeText;
  /** Heap blocks scanned of all, 0…100. */
  readonly percent: number;
  readonly application: SafeText;
  readonly seconds: number;
  /** Indexes vacuumed of all in the present pass; undefined before PostgreSQL 17. */
  readonly indexesDone?: number | undefined;
  readonly indexes?: number | undefined;
};
