import {deskKinds} from '../bus/decode.ts';
import type {BusLink, DeskEvent, Reject, RejectReason} from '../bus/event.ts';
import {createPercentiles, type Percentiles} from '../core/percentiles.ts';
import {ring} from '../core/ring.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import {type ByKind, type IsolateOutcome, NO_EVENTS, sumByKind} from './isolate.ts';
import type {Batch, QueueCounts} from './queue.ts';

/** What a worker tells of itself: in analytics.sync_workers, at /metrics and to the log. Counts run from its start. */
export type SyncStats = {
  readonly link: {readonly state: BusLink['state']; readonly drops: number; readonly error: string | null};
  readonly channels: readonly {
    readonly channel: string;
    readonly received: number;
    /** Over the last interval between two of these. */
    readonly per_second: number;
    readonly last_at: string | null;
  }[];
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  /** The last messages that were not taken, newest first, at most 20, cut short. */
  readonly rejects: readonly {
    readonly reason: RejectReason;
    readonly channel: string;
    readonly detail: string;
    readonly text: string;
    readonly bytes: number;
    readonly at: string;
  }[];
  readonly queue: QueueCounts;
  readonly applied: {
    readonly trades: number;
    readonly duplicates: number;
    readonly adopted: number;
    readonly recovered: number;
    readonly positions: number;
    readonly stale_positions: number;
    readonly marks: number;
    readonly stale_marks: number;
    readonly quarantined: number;
  };
  /** Of those in quarantine since the start, how many are of which kind. */
  readonly quarantined_of: ByKind;
  /** In the database now: trades in the ledger, about, and events in quarantine; null: not told yet. */
  readonly stored: {readonly ledger: number | null; readonly quarantine: number | null};
  readonly batches: number;
  readonly retries: number;
  /** Trades in the last batch, and its transaction's milliseconds. */
  readonly batch_size: number;
  readonly batch_ms: number;
  /** Published to received and to committed, of the last 1,000 trades, milliseconds. */
  readonly receive_lag: Lag;
  readonly commit_lag: Lag;
  readonly gaps: {readonly declared: number; readonly open: number; readonly filled: number};
  /** Of the database, since when it cannot be written; null: it can. */
  readonly failing: {readonly since: string; readonly error: string} | null;
  /** Streams: what the group has not been given yet, and has not acknowledged. */
  readonly stream: {readonly lag: number; readonly pending: number; readonly length: number} | null;
};

export type Lag = {readonly p50: number | null; readonly p99: number | null};

export type StreamCounts = NonNullable<SyncStats['stream']>;

/** Counts what happens; cheap enough for every event. */
export type SyncCounters = {
  readonly event: (event: DeskEvent) => void;
  readonly reject: (reject: Reject) => void;
  readonly link: (link: BusLink) => void;
  readonly committed: (batch: Batch, outcome: IsolateOutcome, ms: number) => void;
  readonly failed: (error: string) => void;
  /** Trades that were recovered from the table, and those that could not be and are in quarantine. */
  readonly recovered: (trades: number, quarantined: number) => void;
  readonly gaps: (change: {readonly declared?: number; readonly open?: number; readonly filled?: number}) => void;
  readonly stream: (counts: StreamCounts) => void;
  readonly stored: (counts: SyncStats['stored']) => void;
  /** Ends an interval of the rates. */
  readonly roll: () => void;
  readonly stats: (queue: QueueCounts) => SyncStats;
};

const LAGS = 1000;
const REJECTS = 20;

export function createSyncCounters(now: () => Micros = nowMicros): SyncCounters {
  const channels = createChannels(now);
  const rejected: Partial<Record<RejectReason, number>> = {};
  const rejects = ring<SyncStats['rejects'][number]>(REJECTS);
  const [receiveLags, commitLags] = [createPercentiles(LAGS), createPercentiles(LAGS)];
  const sum = {...NO_EVENTS};
  const gaps = {declared: 0, open: 0, filled: 0};
  let [batches, retries, recovered, batchSize, batchMs] = [0, 0, 0, 0, 0];
  let link: BusLink | undefined;
  let failing: SyncStats['failing'] = null;
  let stream: StreamCounts | null = null;
  let stored: SyncStats['stored'] = {ledger: null, quarantine: null};
  let aside: ByKind = {trades: 0, positions: 0, market_data: 0};
  return {
    event: event => {
      channels.add(event);
      if (event.kind === 'trades') receiveLags.add((event.receivedAt - event.at) / 1000);
    },
    reject: reject => {
      rejected[reject.reason] = (rejected[reject.reason] ?? 0) + 1;
      rejects.push(shortened(reject));
    },
    link: next => {
      link = next;
    },
    committed: (batch, outcome, ms) => {
      const at = now();
      batches++;
      failing = null;
      batchMs = ms;
      batchSize = batch.trades.length;
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key];
      aside = sumByKind(aside, outcome.aside);
      for (const trade of batch.trades) commitLags.add((at - trade.at) / 1000);
    },
    failed: error => {
      retries++;
      failing = {since: failing?.since ?? isoMicros(now()), error};
    },
    recovered: (trades, quarantined) => {
      recovered += trades;
      sum.quarantined += quarantined;
      aside = {...aside, trades: aside.trades + quarantined};
    },
    gaps: ({declared = 0, open, filled = 0}) => {
      gaps.declared += declared;
      gaps.filled += filled;
      gaps.open = open ?? gaps.open;
    },
    stream: counts => {
      stream = counts;
    },
    stored: counts => {
      stored = counts;
    },
    roll: channels.roll,
    stats: queue => ({
      link: {state: link?.state ?? 'connecting', drops: link?.drops ?? 0, error: link?.error ?? null},
      channels: channels.rows(),
      rejected: {...rejected},
      rejects: rejects.newest(),
      queue,
      applied: appliedOf(sum, recovered),
      quarantined_of: aside,
      stored,
      batches,
      retries,
      batch_size: batchSize,
      batch_ms: Math.round(batchMs * 10) / 10,
      receive_lag: lagOf(receiveLags),
      commit_lag: lagOf(commitLags),
      gaps: {...gaps},
      failing,
      stream,
    }),
  };
}

const appliedOf = (sum: typeof NO_EVENTS, recovered: number): SyncStats['applied'] => ({
  trades: sum.trades,
  duplicates: sum.duplicates,
  adopted: sum.adopted,
  recovered,
  positions: sum.positions,
  stale_positions: sum.stalePositions,
  marks: sum.marks,
  stale_marks: sum.staleMarks,
  quarantined: sum.quarantined,
});

// Trades come first; a channel on which nothing has come yet is told as well.
function createChannels(now: () => Micros) {
  const nothing = (): Channel => ({received: 0, before: 0, perSecond: 0, lastAt: undefined});
  const channels = new Map<string, Channel>(deskKinds.toReversed().map(({channel}) => [channel, nothing()]));
  let rolledAt = now();
  return {
    add: ({channel: name, receivedAt}: DeskEvent): void => {
      const channel = channels.get(name) ?? nothing();
      channels.set(name, channel);
      channel.received++;
      channel.lastAt = receivedAt;
    },
    roll: (): void => {
      const at = now();
      const seconds = Math.max((at - rolledAt) / 1e6, 0.001);
      rolledAt = at;
      for (const c of channels.values()) {
        c.perSecond = Math.round(((c.received - c.before) / seconds) * 10) / 10;
        c.before = c.received;
      }
    },
    rows: (): SyncStats['channels'] =>
      [...channels].map(([channel, c]) => ({
        channel,
        received: c.received,
        per_second: c.perSecond,
        last_at: c.lastAt === undefined ? null : isoMicros(c.lastAt),
      })),
  };
}

type Channel = {received: number; before: number; perSecond: number; lastAt: Micros | undefined};

// A part of a string keeps the whole of it in memory, and a message may be a megabyte: so the part is copied.
const copied = (text: string, limit: number): string => Buffer.from(sanitise(text, limit)).toString();

const shortened = ({reason, channel, detail, text, bytes, at}: Reject): SyncStats['rejects'][number] => ({
  reason,
  channel: copied(channel, 100),
  detail: copied(detail, 200),
  text: copied(text, 100),
  bytes,
  at: isoMicros(at),
});

const lagOf = (lags: Percentiles): Lag => ({p50: tenths(lags.at(0.5)), p99: tenths(lags.at(0.99))});

const tenths = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms * 10) / 10);
