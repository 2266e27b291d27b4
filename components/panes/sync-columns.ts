import {decimal} from '../../src/core/format.ts';
import type {SyncGapRow, SyncQuarantineRow, SyncWorkerRow} from '../../src/monitor/sync.ts';
import {ages, isoOrNull, numbers, unseen, words} from '../lines/columns.ts';
import type {Column, Value} from '../lines/table.ts';
import {GLYPH} from '../lines/theme.ts';
import type {SyncPaneRow as Row} from './sync-rows.ts';

// Columns that rows of one kind have, and no others.
const worker = (id: string, of: (row: SyncWorkerRow) => Value | undefined): Column<Row> =>
  unseen(id, row => (row.kind === 'worker' ? of(row.of) : undefined));
const gap = (id: string, of: (row: SyncGapRow) => Value | undefined): Column<Row> =>
  unseen(id, row => (row.kind === 'gap' ? of(row.of) : undefined));
const quarantine = (id: string, of: (row: SyncQuarantineRow) => Value | undefined): Column<Row> =>
  unseen(id, row => (row.kind === 'quarantine' ? of(row.of) : undefined));

const perSecond = (row: Row): number | undefined =>
  row.kind === 'channel'
    ? row.of.perSecond
    : row.kind === 'worker' && row.severity === 'ok' && !row.past
      ? row.of.figures.channels.reduce((sum, channel) => sum + channel.perSecond, 0)
      : undefined;

const owner = (row: Row): string | undefined =>
  row.kind === 'worker' || row.kind === 'gap' ? row.of.worker : row.kind === 'quarantine' ? undefined : row.worker;

const problem = (row: Row): string | undefined => {
  if (row.kind === 'worker') return row.of.figures.failing ?? row.of.figures.linkError;
  if (row.kind === 'gap') return row.of.error;
  return row.kind === 'quarantine' ? row.of.reason : row.kind === 'reject' ? row.of.detail : undefined;
};

const SHOWN: readonly Column<Row>[] = [
  words('severity', '', 0, [1], row => row.severity, {
    text: row => (row.past || row.kind === 'channel' || row.kind === 'lag' ? '' : GLYPH[row.severity]),
    style: row => row.severity,
    sortable: false,
  }),
  words('kind', 'KIND', 1, [7, 7, 10], row => row.kind, {style: () => 'faint'}),
  // Every channel of ours begins alike: that says nothing on a screen.
  words('name', 'NAME', 0, [9, 14, 40], row => row.name, {
    text: row => row.name.replace(/^data_sync:/, ''),
    style: () => 'strong',
  }),
  words('state', 'STATE', 0, [7, 8, 16], row => row.state, {
    style: row => (row.severity === 'crit' ? 'crit' : row.severity === 'warn' ? 'strong' : undefined),
  }),
  ages('at', 'AGE', 0, 6, row => row.at, ''),
  numbers('per_second', 'RATE/s', 2, 6, perSecond, decimal),
  words('note', 'NOTE', 0, [10, 15, 500], row => row.note, {share: 0.3}),
];

const OF_KIND: Readonly<Record<Row['kind'], readonly Column<Row>[]>> = {
  worker: [
    worker('mode', w => w.mode),
    worker('host', w => w.host),
    worker('pid', w => w.pid),
    worker('started_at', w => isoOrNull(w.startedAt)),
    worker('silent_seconds', w => Math.round(w.silentSeconds * 10) / 10),
    worker('safe_at', w => isoOrNull(w.safeAt)),
    worker('stopped_at', w => isoOrNull(w.stoppedAt)),
    worker('bus', w => w.figures.link),
    worker('queue', w => w.figures.queue),
    worker('overflowed', w => w.figures.overflowed),
    worker('batches', w => w.figures.batches),
    worker('batch_size', w => w.figures.batchSize),
    worker('batch_ms', w => w.figures.batchMs),
    worker('applied', w => w.figures.trades),
    worker('duplicates', w => w.figures.duplicates),
    worker('adopted', w => w.figures.adopted),
    worker('retries', w => w.figures.retries),
    worker('quarantined', w => w.figures.quarantined),
    worker('rejected', w => w.figures.rejected.reduce((sum, [, n]) => sum + n, 0)),
    worker(
      'rejected_by_reason',
      w => w.figures.rejected.map(([reason, n]) => `${reason} ${n}`).join(', ') || undefined,
    ),
    worker('stream_lag', w => w.figures.stream?.lag),
    worker('stream_pending', w => w.figures.stream?.pending),
    worker('stream_length', w => w.figures.stream?.length),
    worker('failing_since', w => isoOrNull(w.figures.failingSince)),
  ],
  lag: [
    unseen('p50_ms', row => (row.kind === 'lag' ? row.of.p50 : undefined)),
    unseen('p99_ms', row => (row.kind === 'lag' ? row.of.p99 : undefined)),
  ],
  channel: [unseen('received', row => (row.kind === 'channel' ? row.of.received : undefined))],
  gap: [
    gap('from', g => isoOrNull(g.from)),
    gap('to', g => isoOrNull(g.to)),
    gap('passes', g => g.passes),
    gap('filled_at', g => isoOrNull(g.filledAt)),
    gap('settled', g => g.settled),
  ],
  quarantine: [
    quarantine('attempts', q => q.attempts),
    quarantine('first_at', q => isoOrNull(q.firstAt)),
    quarantine('sqlstate', q => q.sqlstate),
  ],
  reject: [unseen('bytes', row => (row.kind === 'reject' ? row.of.bytes : undefined))],
};

// Columns that several kinds have.
const SHARED: readonly Column<Row>[] = [
  unseen('worker', owner),
  unseen('recovered', row =>
    row.kind === 'gap' ? row.of.recovered : row.kind === 'worker' ? row.of.figures.recovered : undefined,
  ),
  unseen('error', problem),
  unseen('text', row => (row.kind === 'quarantine' ? row.of.event : row.kind === 'reject' ? row.of.text : undefined)),
];

/** What every row shows, then what JSON and the details of a row have of each kind. */
export const columns: readonly Column<Row>[] = [...SHOWN, ...Object.values(OF_KIND).flat(), ...SHARED];

const KINDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...Object.entries(OF_KIND).flatMap(([kind, own]) => own.map(column => [column.id, [kind]] as const)),
  ['at', ['worker', 'channel', 'gap', 'quarantine', 'reject']],
  ['state', ['worker', 'channel', 'gap', 'quarantine', 'reject']],
  ['per_second', ['worker', 'channel']],
  ['worker', ['worker', 'lag', 'channel', 'gap', 'reject']],
  ['recovered', ['worker', 'gap']],
  ['error', ['worker', 'gap', 'quarantine', 'reject']],
  ['text', ['quarantine', 'reject']],
]);

/** Whether rows of this kind have the column at all: what none of them has is not `n/a`. */
export const applies = ({kind}: Row, id: string): boolean => KINDS.get(id)?.includes(kind) ?? true;
