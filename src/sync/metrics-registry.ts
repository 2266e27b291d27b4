import {Counter, collectDefaultMetrics, Gauge, Histogram, type Registry} from 'prom-client';
import type {CommitTimes, SyncStats} from './stats.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const HISTOGRAMS = {
  commit_lag_seconds: {help: 'From a trade’s publication to its commit', buckets: SECONDS},
  receive_lag_seconds: {help: 'From a trade’s publication to its receipt', buckets: SECONDS},
  batch_trades: {help: 'Trades in a transaction', buckets: [1, 5, 10, 50, 100, 500, 1000, 2000]},
  batch_seconds: {help: 'Time of a batch’s transaction', buckets: SECONDS},
} as const;

/** A count and the values of its labels. */
type Line = readonly [count: number, ...labels: string[]];

type CounterSpec = {
  readonly help: string;
  readonly labels: readonly string[];
  readonly lines: (stats: SyncStats) => readonly Line[];
};

const COUNTERS: Readonly<Record<string, CounterSpec>> = {
  received_total: {
    help: 'Events received',
    labels: ['channel'],
    lines: ({channels}) => channels.map(({received, channel}): Line => [received, channel]),
  },
  rejected_total: {
    help: 'Messages rejected',
    labels: ['reason'],
    lines: ({rejected}) => Object.entries(rejected).map(([reason, count]): Line => [count, reason]),
  },
  events_total: {help: 'Events by kind and what became of them', labels: ['kind', 'outcome'], lines: eventLines},
  gaps_total: {
    help: 'Gaps by what became of them',
    labels: ['state'],
    lines: ({gaps}) => [
      [gaps.declared, 'declared'],
      [gaps.filled, 'filled'],
    ],
  },
  dropped_total: {
    help: 'Events that found no room, to be recovered',
    labels: ['why'],
    lines: ({queue}) => [[queue.overflowed, 'overflow']],
  },
  retries_total: {
    help: 'Batches that the database did not take, to be tried again',
    labels: [],
    lines: ({retries}) => [[retries]],
  },
  link_drops_total: {help: 'Connections to the bus that were lost', labels: [], lines: ({link}) => [[link.drops]]},
};

type GaugeSpec = {readonly help: string; readonly value: (stats: SyncStats) => number | null};

const GAUGES: Readonly<Record<string, GaugeSpec>> = {
  queue_events: {
    help: 'Events that wait for their transaction',
    value: ({queue}) => queue.trades + queue.positions + queue.marks,
  },
  gaps_open: {help: 'Gaps that are not filled', value: ({gaps}) => gaps.open},
  quarantine_events: {help: 'Events in quarantine', value: ({stored}) => stored.quarantine},
  ledger_trades: {help: 'Trades in the ledger, as the planner estimates them', value: ({stored}) => stored.ledger},
  link_up: {help: 'Whether the bus is heard', value: ({link}) => (link.state === 'ready' ? 1 : 0)},
  database_up: {help: 'Whether the database took the last batch', value: ({failing}) => (failing ? 0 : 1)},
  marks_behind: {
    help: 'Positions and views of them that are due and not marked to the last price yet',
    value: ({marking}) => marking.behind,
  },
  marking_up: {help: 'Whether the last marking succeeded', value: ({marking}) => (marking.error === null ? 1 : 0)},
  stream_lag: {help: 'Entries of the stream that no worker was given yet', value: ({stream}) => stream?.lag ?? null},
  stream_pending: {
    help: 'Entries that were given to a worker and not acknowledged',
    value: ({stream}) => stream?.pending ?? null,
  },
  slot_lag_bytes: {help: 'WAL that the worker has not applied yet', value: ({slot}) => slot?.lag_bytes ?? null},
  slot_retained_bytes: {
    help: 'WAL that the server keeps for the replication slot',
    value: ({slot}) => slot?.retained_bytes ?? null,
  },
  slot_safe_bytes: {
    help: 'WAL that may still be written before the replication slot is lost',
    value: ({slot}) => slot?.safe_bytes ?? null,
  },
  stream_entries: {help: 'Entries of the stream', value: ({stream}) => stream?.length ?? null},
  stream_shards: {help: 'Streams that may hold events', value: ({stream}) => stream?.shards ?? null},
  stream_shards_read: {help: 'Streams that this worker reads', value: ({stream}) => stream?.read ?? null},
};

/** What became of the received events of each kind, and of trades that were recovered from the table instead. */
function eventLines({applied, queue, quarantined_of}: SyncStats): readonly Line[] {
  return [
    [applied.trades, 'trades', 'applied'],
    [applied.duplicates - applied.adopted + queue.duplicates, 'trades', 'duplicate'],
    [applied.adopted, 'trades', 'adopted'],
    [applied.busted, 'trades', 'busted'],
    [applied.restated, 'trades', 'restated'],
    [applied.recovered, 'trades', 'recovered'],
    [quarantined_of.trades, 'trades', 'quarantined'],
    [applied.positions, 'positions', 'applied'],
    [applied.stale_positions, 'positions', 'stale'],
    [queue.supersededPositions, 'positions', 'superseded'],
    [quarantined_of.positions, 'positions', 'quarantined'],
    [applied.marks, 'market_data', 'applied'],
    [applied.stale_marks, 'market_data', 'stale'],
    [queue.superseded - queue.supersededPositions, 'market_data', 'superseded'],
    [quarantined_of.market_data, 'market_data', 'quarantined'],
  ];
}

/**
 * Registers all metrics, `tradetop_sync_…` and those of the process. Counters and gauges are read from the service's own
 * statistics at each scrape; the histograms are fed with each committed batch, by the function that this gives.
 */
export function registerMetrics(registry: Registry, stats: () => SyncStats | undefined): (times: CommitTimes) => void {
  collectDefaultMetrics({register: registry});
  const feed = registerHistograms(registry);
  for (const [name, spec] of Object.entries(COUNTERS)) registerCounter(registry, name, spec, stats);
  for (const [name, spec] of Object.entries(GAUGES)) registerGauge(registry, name, spec, stats);
  return feed;
}

function registerHistograms(registry: Registry): (times: CommitTimes) => void {
  const histogram = (name: keyof typeof HISTOGRAMS) => {
    const {help, buckets} = HISTOGRAMS[name];
    return new Histogram({name: fullName(name), help, buckets: [...buckets], registers: [registry]});
  };
  const commitLag = histogram('commit_lag_seconds');
  const receiveLag = histogram('receive_lag_seconds');
  const trades = histogram('batch_trades');
  const seconds = histogram('batch_seconds');
  return times => {
    for (const ms of times.commitLagsMs) commitLag.observe(Math.max(ms, 0) / 1000);
    for (const ms of times.receiveLagsMs) receiveLag.observe(Math.max(ms, 0) / 1000);
    trades.observe(times.trades);
    seconds.observe(times.ms / 1000);
  };
}

function registerCounter(
  registry: Registry,
  name: string,
  {help, labels, lines}: CounterSpec,
  stats: () => SyncStats | undefined,
): void {
  new Counter({
    name: fullName(name),
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      const now = stats();
      this.reset();
      for (const [count, ...values] of now ? lines(now) : []) {
        this.inc(Object.fromEntries(labels.map((label, i) => [label, values[i] ?? ''])), count);
      }
    },
  });
}

function registerGauge(
  registry: Registry,
  name: string,
  {help, value}: GaugeSpec,
  stats: () => SyncStats | undefined,
): void {
  new Gauge({
    name: fullName(name),
    help,
    registers: [registry],
    collect() {
      const now = stats();
      const present = now ? value(now) : null;
      if (present !== null) this.set(present);
    },
  });
}

const fullName = (name: string): string => `tradetop_sync_${name}`;
