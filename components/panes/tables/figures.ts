import {bytes, compact, percent} from '../../../src/core/format.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {TableRow} from '../../../src/monitor/tables.ts';
import {ageColumn, numberColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import type {TablesRow as Row} from './row.ts';

// A figure that only tables have.
const table =
  <T>(value: (row: TableRow) => T) =>
  (row: Row): T | undefined =>
    row.kind === 'table' ? value(row.of) : undefined;

const share = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined || whole === 0 ? undefined : (part * 100) / whole;
const whole = (n: number): string => percent(n, 0);
/** A time of maintenance, with a sign where autovacuum did it. */
const maintained = (
  id: string,
  title: string,
  priority: number,
  at: (row: TableRow) => Micros | undefined,
  auto: (row: TableRow) => boolean,
): Column<Row> => {
  const column = ageColumn<Row>({id, title, priority, width: 8, at: table(at), missing: ''});
  return {
    ...column,
    text: (row, context) => {
      if (row.kind !== 'table') return '';
      if (at(row.of) === undefined) return row.of.kind === 'partitioned' ? '' : 'never';
      return `${column.text(row, context)}${auto(row.of) ? ' a' : ''}`;
    },
  };
};

/** The figures of the tables. */
export const tableFigures: readonly Column<Row>[] = [
  numberColumn({
    id: 'size_bytes',
    title: 'SIZE',
    priority: 0,
    width: 7,
    value: row => (row.kind === 'work' ? undefined : row.of.sizeBytes),
    format: bytes,
  }),
  numberColumn({id: 'live_rows', title: 'LIVE', priority: 2, width: 7, value: table(t => t.liveRows), format: compact}),
  numberColumn({id: 'dead_rows', title: 'DEAD', priority: 1, width: 6, value: table(t => t.deadRows), format: compact}),
  numberColumn({
    id: 'dead_percent',
    title: 'DEAD%',
    priority: 1,
    width: 5,
    value: table(t => share(t.deadRows, t.liveRows + t.deadRows)),
    format: whole,
    style: row => (row.severity === 'ok' ? undefined : 'strong'),
  }),
  maintained(
    'last_vacuum',
    'VACUUM',
    1,
    t => t.lastVacuum,
    t => t.vacuumedAuto,
  ),
  maintained(
    'last_analyze',
    'ANALYZE',
    3,
    t => t.lastAnalyze,
    t => t.analyzedAuto,
  ),
  numberColumn({
    id: 'changed_rows',
    title: 'CHANGED',
    priority: 4,
    width: 7,
    value: table(t => t.changedRows),
    format: compact,
  }),
  numberColumn({id: 'seq_scans', title: 'SEQ', priority: 6, width: 6, value: table(t => t.seqScans), format: compact}),
  numberColumn({
    id: 'index_scans',
    title: 'INDEX',
    priority: 6,
    width: 6,
    value: table(t => t.indexScans),
    format: compact,
  }),
  numberColumn({
    id: 'hot_percent',
    title: 'HOT%',
    priority: 7,
    width: 5,
    value: table(t => share(t.hotRows, t.updatedRows)),
    format: whole,
  }),
  numberColumn({
    id: 'freeze_percent',
    title: 'FREEZE%',
    priority: 5,
    width: 7,
    value: table(t => t.freezePercent),
    format: whole,
  }),
  numberColumn({
    id: 'bloat_percent',
    title: '~BLOAT',
    priority: 5,
    width: 6,
    value: row => (row.kind === 'table' ? row.bloat?.bloatPercent : undefined),
    format: n => `~${whole(n)}`,
  }),
];
