import {detailColumn, isoOrNull} from '../../lines/columns.ts';
import type {Column, Value} from '../../lines/table.ts';
import type {SyncPaneRow} from './row.ts';

type Kind = SyncPaneRow['kind'];
type RowOf<K extends Kind> = Extract<SyncPaneRow, {readonly kind: K}>;
type Detail = {readonly column: Column<SyncPaneRow>; readonly kinds: readonly Kind[]};

/** Details that only rows of one kind have: a function each, by the name that JSON gives it. */
const detailsOf = <K extends Kind>(
  kind: K,
  values: Readonly<Record<string, (row: RowOf<K>) => Value | undefined>>,
): readonly Detail[] =>
  Object.entries(values).map(([id, value]) => ({
    column: detailColumn<SyncPaneRow>({id, value: row => (row.kind === kind ? value(row as RowOf<K>) : undefined)}),
    kinds: [kind],
  }));

/** A detail that rows of several kinds have. */
const shared = (id: string, values: {readonly [K in Kind]?: (row: RowOf<K>) => Value | undefined}): Detail => ({
  column: detailColumn<SyncPaneRow>({
    id,
    value: row => (values[row.kind] as ((row: SyncPaneRow) => Value | undefined) | undefined)?.(row),
  }),
  kinds: Object.keys(values) as Kind[],
});

const DETAILS: readonly Detail[] = [
  ...detailsOf('worker', {
    mode: row => row.of.mode,
    host: row => row.of.host,
    pid: row => row.of.pid,
    started_at: row => isoOrNull(row.of.startedAt),
    silent_seconds: row => Math.round(row.of.silentSeconds * 10) / 10,
    safe_at: row => isoOrNull(row.of.safeAt),
    stopped_at: row => isoOrNull(row.of.stoppedAt),
    bus: row => row.of.figures.link,
    queue: row => row.of.figures.queue,
    overflowed: row => row.of.figures.overflowed,
    batches: row => row.of.figures.batches,
    batch_size: row => row.of.figures.batchSize,
    batch_ms: row => row.of.figures.batchMs,
    applied: row => row.of.figures.trades,
    duplicates: row => row.of.figures.duplicates,
    adopted: row => row.of.figures.adopted,
    restated: row => row.of.figures.restated,
    retries: row => row.of.figures.retries,
    quarantined: row => row.of.figures.quarantined,
    rejected: row => row.of.figures.rejected.reduce((sum, [, n]) => sum + n, 0),
    rejected_by_reason: row => row.of.figures.rejected.map(([reason, n]) => `${reason} ${n}`).join(', ') || undefined,
    stream_lag: row => row.of.figures.stream?.lag,
    stream_pending: row => row.of.figures.stream?.pending,
    stream_length: row => row.of.figures.stream?.length,
    wal_lag_bytes: row => row.of.figures.slot?.lag_bytes,
    wal_kept_bytes: row => row.of.figures.slot?.retained_bytes,
    wal_safe_bytes: row => row.of.figures.slot?.safe_bytes ?? undefined,
    failing_since: row => isoOrNull(row.of.figures.failingSince),
  }),
  ...detailsOf('lag', {p50_ms: row => row.of.p50, p99_ms: row => row.of.p99}),
  ...detailsOf('channel', {received: row => row.of.received}),
  ...detailsOf('gap', {
    from: row => isoOrNull(row.of.from),
    to: row => isoOrNull(row.of.to),
    passes: row => row.of.passes,
    filled_at: row => isoOrNull(row.of.filledAt),
    settled: row => row.of.settled,
  }),
  ...detailsOf('quarantine', {
    attempts: row => row.of.attempts,
    first_at: row => isoOrNull(row.of.firstAt),
    sqlstate: row => row.of.sqlstate,
  }),
  ...detailsOf('reject', {bytes: row => row.of.bytes}),
  shared('worker', {
    worker: row => row.of.worker,
    lag: row => row.worker,
    channel: row => row.worker,
    gap: row => row.of.worker,
    reject: row => row.worker,
  }),
  shared('recovered', {worker: row => row.of.figures.recovered, gap: row => row.of.recovered}),
  shared('error', {
    worker: row => row.of.figures.failing ?? row.of.figures.linkError,
    gap: row => row.of.error,
    quarantine: row => row.of.reason,
    reject: row => row.of.detail,
  }),
  shared('text', {quarantine: row => row.of.event, reject: row => row.of.text}),
];

/** What only JSON and the details of a row have. */
export const detailColumns: readonly Column<SyncPaneRow>[] = DETAILS.map(({column}) => column);

const KINDS: ReadonlyMap<string, readonly Kind[]> = new Map<string, readonly Kind[]>([
  ...DETAILS.map(({column, kinds}) => [column.id, kinds] as const),
  ['at', ['worker', 'channel', 'gap', 'quarantine', 'reject']],
  ['state', ['worker', 'channel', 'gap', 'quarantine', 'reject']],
  ['per_second', ['worker', 'channel']],
]);

/** Whether rows of this kind have the column at all: a column that none of them has is left out, not `n/a`. */
export const applies = ({kind}: SyncPaneRow, id: string): boolean => KINDS.get(id)?.includes(kind) ?? true;
