import {detailColumn, isoOrNull, severityColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {tableFigures} from './figures.ts';
import {type TablesRow as Row, tableNote} from './row.ts';

const kindOf = (row: Row): string =>
  row.kind === 'table' ? row.of.kind : row.kind === 'index' ? `${row.of.problem} index` : 'running';

/** The columns of the pane, in the order of the screen. */
export const tablesColumns: readonly Column<Row>[] = [
  severityColumn({of: row => row.severity, quiet: true, text: row => (row.kind === 'work' ? '↻' : undefined)}),
  textColumn({
    id: 'name',
    title: 'TABLE',
    keepEnd: true,
    priority: 0,
    width: 16,
    ideal: 26,
    max: 60,
    value: row => row.name,
  }),
  textColumn({
    id: 'kind',
    title: 'KIND',
    priority: 8,
    width: 9,
    ideal: 11,
    max: 16,
    value: kindOf,
    style: () => 'faint',
  }),
  ...tableFigures,
  {
    ...textColumn<Row>({
      id: 'note',
      title: 'NOTE',
      priority: 2,
      width: 5,
      ideal: 30,
      max: 120,
      value: row => tableNote(row) || undefined,
    }),
    text: (row, {now}) => tableNote(row, now),
  },
  detailColumn({id: 'bloat_bytes', value: row => (row.kind === 'table' ? row.bloat?.bloatBytes : undefined)}),
  detailColumn({id: 'duplicate_of', value: row => (row.kind === 'index' ? row.of.duplicateOf : undefined)}),
  detailColumn({id: 'of_table', value: row => (row.kind === 'index' ? row.of.table : undefined)}),
  detailColumn({id: 'phase', value: row => (row.kind === 'work' ? row.of.phase : undefined)}),
  detailColumn({id: 'done_percent', value: row => (row.kind === 'work' ? row.of.percent : undefined)}),
  detailColumn({id: 'left_seconds', value: row => (row.kind === 'work' ? row.of.leftSeconds : undefined)}),
  detailColumn({
    id: 'ahead_seconds',
    value: row => (row.kind === 'table' ? row.partitions?.aheadSeconds : undefined),
  }),
  detailColumn({
    id: 'partitions_until',
    value: row => (row.kind === 'table' ? isoOrNull(row.partitions?.until) : undefined),
  }),
  detailColumn({id: 'default_rows', value: row => (row.kind === 'table' ? row.partitions?.defaultRows : undefined)}),
];
