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
};

/** A message that was not taken, and the how-manieth it was: what a list knows it by. */
export type NumberedReject = {readonly number: number; readonly reject: Reject};

/** What the console knows of the bus at a frame. Counts run from the console's start. */
export type BusState = {
  readonly link: BusLink;
  /** Newest first, at most 500. */
  readonly tape: readonly TradeRow[];
  /** Trades seen on the bus, each once. */
  readonly seen: number;
  /** Trades that came again. */
  readonly duplicates: number;
  /** Trades that the table has and the bus did not bring. */
  readonly missed: number;
  /** When the last of these was noticed. */
  readonly lastMissedAt?: Micros | undefined;
  /** Trades a minute, over the last minute. */
  readonly perMinute: number;
  /** Trades in each of the last 60 spans of two seconds, oldest first. */
  readonly history: readonly number[];
  /** Event time to receipt: of the newest trade, and the 99th percentile of the last 1,000; milliseconds. */
  readonly lagMs: number | undefined;
  readonly lagP99Ms: number | undefined;
  readonly channels: readonly ChannelCounts[];
  readonly rejected: number;
  readonly rejects: Readonly<Record<RejectReason, number>>;
  readonly lastReject: Reject | undefined;
  /** The last messages that were not taken, newest first, at most 100. */
  readonly rejectList: readonly NumberedReject[];
  /** Spans without a live subscription since the start. */
  readonly gaps: number;
  /** Last price and its time, by symbol. */
  readonly marks: ReadonlyMap<string, {readonly price: string; readonly at: Micros}>;
};
