import type {BusLink, Reject, RejectReason} from '../bus/event.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {TradeRow} from '../monitor/trades.ts';

export type ChannelCounts = {
  readonly channel: SafeText;
  readonly received: number;
  /** Over the last minute. */
  readonly perMinute: number;
  readonly lastAt: Micros | undefined;
  /** The longest gap between two messages that is usual, in seconds; undefined: too little was heard. */
  readonly usualSeconds?: number | undefined;
  /** Who published the last message. */
  readonly service?: SafeText | undefined;
};

/** A symbol without a price for longer than is usual for it. */
export type QuietSymbol = {
  readonly symbol: SafeText;
  /** Receipt of its last price. */
  readonly lastAt: Micros;
  /** The longest gap that is usual, in seconds. */
  readonly usualSeconds: number;
};

/** A rejected message with its number, counted from the console's start: the list's key for it. */
export type NumberedReject = {readonly number: number; readonly reject: Reject};

/** A pool of connections as its service publishes it on `data_sync:pools`. */
export type PublishedPool = {
  readonly service: SafeText;
  readonly pool: SafeText;
  readonly instance: SafeText;
  readonly size: number;
  readonly inUse: number;
  readonly waiting: number;
  readonly max: number;
  /** Receipt of its last message. */
  readonly at: Micros;
  /** The first of the messages without a break that say that calls wait; undefined: the last one says that none does. */
  readonly waitingSince: Micros | undefined;
};

/** What the caches of one name did since the console's start, as services publish it on `data_sync:caches`. */
export type CacheTotals = {
  readonly cache: SafeText;
  readonly hits: number;
  readonly misses: number;
  readonly errors: number;
  /** Receipt of the last message. */
  readonly at: Micros;
};

/** The bus as the console knows it at a frame. Counts begin at the console's start. */
export type BusState = {
  readonly link: BusLink;
  /** Newest first, at most 500. */
  readonly tape: readonly TradeRow[];
  /** Trades that arrived on the bus, each counted once. */
  readonly seen: number;
  /** Trades that arrived again. */
  readonly duplicates: number;
  /** Trades of execution.trades that did not arrive on the bus. */
  readonly missed: number;
  /** When the console noticed the last one. */
  readonly lastMissedAt?: Micros | undefined;
  /** Trades in the last minute. */
  readonly perMinute: number;
  /** Trades in each of the last 60 spans of two seconds, oldest first. */
  readonly history: readonly number[];
  /** From event time to receipt, in milliseconds: of the newest trade, and the 99th percentile of the last 1,000. */
  readonly lagMs: number | undefined;
  readonly lagP99Ms: number | undefined;
  readonly channels: readonly ChannelCounts[];
  readonly rejected: number;
  readonly rejects: Readonly<Record<RejectReason, number>>;
  readonly lastReject: Reject | undefined;
  /** The last rejected messages, newest first, at most 100. */
  readonly rejectList: readonly NumberedReject[];
  /** Spans without a live subscription. */
  readonly gaps: number;
  /** The last price of each symbol, and its time. */
  readonly marks: ReadonlyMap<string, {readonly price: string; readonly at: Micros}>;
  /** The symbols that are quieter than usual, the longest first, at most 50. */
  readonly quiet?: readonly QuietSymbol[];
  /** The pools that services publish. */
  readonly published?: readonly PublishedPool[];
  /** The caches whose counts services publish. */
  readonly caches?: readonly CacheTotals[];
};
