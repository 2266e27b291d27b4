import type {BusLink, DeskEvent, Reject, RejectReason} from '../bus/event.ts';
import {ring} from '../core/ring.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import type {CommittedBatch} from './batch.ts';
import {createChannelCounters} from './channel-counters.ts';
import {type BatchOutcome, NONE_OF_ANY_KIND, sumByKind} from './outcome.ts';
import type {QueueCounts} from './queue.ts';
import {createLags, type StreamCounts, type SyncStats} from './stats.ts';

/** What is counted of an event of the bus, or of a change in the WAL. */
type CountedEvent = Pick<DeskEvent, 'kind' | 'channel' | 'at' | 'receivedAt'>;

/** Counts what happens; cheap enough for every event. */
export type SyncCounters = {
  readonly event: (event: CountedEvent) => void;
  readonly reject: (reject: Reject) => void;
  readonly link: (link: BusLink) => void;
  /** `ms`: the time of the batch's transactions. */
  readonly committed: (batch: CommittedBatch, outcome: BatchOutcome, ms: number) => void;
  readonly failed: (error: string) => void;
  /** The repair entered so many trades from the table, put so many others into quarantine, restated so many figures. */
  readonly recovered: (trades: number, quarantined: number, restated?: number) => void;
  readonly gaps: (change: {readonly declared?: number; readonly open?: number; readonly filled?: number}) => void;
  readonly marking: (state: SyncStats['marking']) => void;
  readonly stream: (counts: StreamCounts) => void;
  readonly slot: (counts: SyncStats['slot']) => void;
  readonly stored: (counts: SyncStats['stored']) => void;
  /** Ends an interval of the rates. */
  readonly roll: () => void;
  readonly stats: (queue: QueueCounts) => SyncStats;
};

/** `applied` of the statistics, and the count of a batch's outcome that each of them sums up. */
const APPLIED = {
  trades: 'trades',
  duplicates: 'duplicates',
  adopted: 'adopted',
  restated: 'restated',
  busted: 'busted',
  positions: 'positions',
  stale_positions: 'stalePositions',
  marks: 'marks',
  stale_marks: 'staleMarks',
  quarantined: 'quarantined',
} as const satisfies Record<Exclude<keyof SyncStats['applied'], 'recovered'>, keyof BatchOutcome>;

type Counted = Omit<SyncStats, 'channels' | 'rejected' | 'rejects' | 'queue' | 'receive_lag' | 'commit_lag'>;
type Mutable<T> = {-readonly [K in keyof T]: T[K]};

const NOTHING: Counted = {
  link: {state: 'connecting', drops: 0, error: null},
  applied: {
    trades: 0,
    duplicates: 0,
    adopted: 0,
    restated: 0,
    busted: 0,
    recovered: 0,
    positions: 0,
    stale_positions: 0,
    marks: 0,
    stale_marks: 0,
    quarantined: 0,
  },
  quarantined_of: NONE_OF_ANY_KIND,
  stored: {ledger: null, quarantine: null},
  batches: 0,
  retries: 0,
  batch_size: 0,
  batch_ms: 0,
  gaps: {declared: 0, open: 0, filled: 0},
  failing: null,
  marking: {behind: null, since: null, error: null},
  stream: null,
  slot: null,
};

export function createSyncCounters(): SyncCounters {
  const channels = createChannelCounters();
  const rejects = createRejectCounters();
  const [receiveLags, commitLags] = [createLags(), createLags()];
  const counted: Mutable<Counted> = {...NOTHING};
  const set = setterOf(counted);
  return {
    event: event => {
      channels.add(event);
      if (event.kind === 'trades') receiveLags.add((event.receivedAt - event.at) / 1000);
    },
    reject: rejects.add,
    link: ({state, drops, error}) => {
      counted.link = {state, drops, error: error ?? null};
    },
    committed: (batch, outcome, ms) => {
      const at = nowMicros();
      counted.applied = withOutcome(counted.applied, outcome);
      counted.quarantined_of = sumByKind(counted.quarantined_of, outcome.quarantinedByKind);
      counted.batches++;
      counted.batch_size = batch.trades.length;
      counted.batch_ms = Math.round(ms * 10) / 10;
      counted.failing = null;
      for (const trade of batch.trades) commitLags.add((at - trade.at) / 1000);
    },
    failed: error => {
      counted.retries++;
      counted.failing = {since: counted.failing?.since ?? isoMicros(nowMicros()), error};
    },
    recovered: (recovered, quarantined, restated = 0) => {
      counted.applied = withMore(counted.applied, {recovered, quarantined, restated});
      counted.quarantined_of = sumByKind(counted.quarantined_of, {...NONE_OF_ANY_KIND, trades: quarantined});
    },
    gaps: ({declared = 0, open = counted.gaps.open, filled = 0}) => {
      counted.gaps = {declared: counted.gaps.declared + declared, open, filled: counted.gaps.filled + filled};
    },
    marking: set('marking'),
    stream: set('stream'),
    slot: set('slot'),
    stored: set('stored'),
    roll: channels.roll,
    stats: queue => ({
      ...counted,
      channels: channels.rows(),
      ...rejects.stats(),
      queue,
      receive_lag: receiveLags.lag(),
      commit_lag: commitLags.lag(),
    }),
  };
}

const setterOf =
  (counted: Mutable<Counted>) =>
  <K extends keyof Counted>(key: K) =>
  (value: Counted[K]): void => {
    counted[key] = value;
  };

function withOutcome(applied: SyncStats['applied'], outcome: BatchOutcome): SyncStats['applied'] {
  const names = Object.keys(APPLIED) as (keyof typeof APPLIED)[];
  return withMore(applied, Object.fromEntries(names.map(name => [name, outcome[APPLIED[name]]])));
}

const withMore = (
  applied: SyncStats['applied'],
  more: Partial<Readonly<Record<keyof SyncStats['applied'], number>>>,
): SyncStats['applied'] => ({
  ...applied,
  ...Object.fromEntries(Object.entries(more).map(([name, n]) => [name, applied[name as keyof typeof applied] + n])),
});

const REJECTS = 20;

function createRejectCounters() {
  const counts: Partial<Record<RejectReason, number>> = {};
  const last = ring<SyncStats['rejects'][number]>(REJECTS);
  return {
    add: (reject: Reject): void => {
      counts[reject.reason] = (counts[reject.reason] ?? 0) + 1;
      last.push(shortened(reject));
    },
    stats: (): Pick<SyncStats, 'rejected' | 'rejects'> => ({rejected: {...counts}, rejects: last.newest()}),
  };
}

/** Copies a part of a text: a substring would keep the whole text in memory, which may be a megabyte. */
const copied = (text: string, limit: number): string => Buffer.from(sanitise(text, limit)).toString();

const shortened = ({reason, channel, detail, text, bytes, at}: Reject): SyncStats['rejects'][number] => ({
  reason,
  channel: copied(channel, 100),
  detail: copied(detail, 200),
  text: copied(text, 100),
  bytes,
  at: isoMicros(at),
});
