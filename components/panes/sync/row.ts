import type {Severity} from '../../../src/core/severity.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {SyncGapRow, SyncQuarantineRow, SyncWorkerRow} from '../../../src/monitor/sync.ts';
import type {SyncChannel, SyncReject} from '../../../src/monitor/sync-figures.ts';

/** What every row shows beside its source. */
type Shown = {
  readonly severity: Severity;
  readonly name: string;
  readonly state: string;
  /** When it was last seen. */
  readonly at: Micros | undefined;
  readonly note: string;
  /** It is over and needs no attention. */
  readonly past: boolean;
};

/** From a trade's publication to its receipt or to its commit, over a worker's last 1,000 trades; milliseconds. */
export type SyncLag = {
  readonly to: 'received' | 'committed';
  readonly p50: number | undefined;
  readonly p99: number | undefined;
};

/** A row of the pane: a worker, or one of the things that its workers report. */
export type SyncPaneRow = Shown &
  (
    | {readonly kind: 'worker'; readonly of: SyncWorkerRow}
    | {readonly kind: 'lag'; readonly worker: string; readonly of: SyncLag}
    | {readonly kind: 'channel'; readonly worker: string; readonly of: SyncChannel}
    | {readonly kind: 'gap'; readonly of: SyncGapRow}
    | {readonly kind: 'quarantine'; readonly of: SyncQuarantineRow}
    | {readonly kind: 'reject'; readonly worker: string; readonly of: SyncReject}
  );

/** The identity of a row while readings come and go. */
export function rowKey(row: SyncPaneRow): string {
  switch (row.kind) {
    case 'worker':
      return `worker ${row.of.worker}`;
    case 'lag':
      return `lag ${row.worker}\u0000${row.of.to}`;
    case 'channel':
      return `channel ${row.worker}\u0000${row.of.channel}`;
    case 'reject':
      return `reject ${row.worker}\u0000${row.of.at}\u0000${row.of.channel}`;
    default:
      return `${row.kind} ${row.of.id}`;
  }
}
