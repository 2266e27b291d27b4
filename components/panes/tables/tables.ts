import {bytes, compact, count, plural} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import {remark, statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {tablesColumns} from './columns.ts';
import {type TablesRow, tableNote, tablesRows} from './row.ts';

/**
 * Tables and what maintenance did for them: sizes, dead rows, the last VACUUM and ANALYZE, scans, age, an estimate of bloat;
 * before them what runs, and what is wrong.
 */
export const tablesPane = definePane({
  id: 'tables',
  title: 'Tables & vacuum',
  columns: tablesColumns,
  select: ({samples, at}: State) => {
    const {tables, progress, indexes, bloat, partitions} = samples;
    return {
      status: statusOf(tables, at),
      tables: tables.rows,
      progress: progress.state === 'stale' ? [] : progress.rows,
      indexes: indexes.rows,
      bloat: bloat.rows,
      partitions: partitions.rows,
      // A second source that fails must not look like a good one.
      progressFails: remark('what runs', progress, at),
      indexesFail: remark('indexes and bloat', indexes, at),
      partitionsFail: remark('partitions', partitions, at),
    };
  },
  rows: (data, memo): readonly TablesRow[] => {
    const before = memo.get(data.tables) as
      | {readonly data: typeof data; readonly rows: readonly TablesRow[]}
      | undefined;
    if (before !== undefined && sameRows(before.data, data)) return before.rows;
    const rows = tablesRows(data);
    memo.set(data.tables, {data, rows});
    return rows;
  },
  rowKey: row => row.key,
  head: (data, rows) => verdict(rows, failuresOf(data).length),
  foot: ({tables}) => {
    const real = tables.filter(({kind}) => kind !== 'partitioned');
    const size = real.reduce((sum, {sizeBytes = 0}) => sum + sizeBytes, 0);
    const dead = real.reduce((sum, {deadRows}) => sum + deadRows, 0);
    return [[`${plural(real.length, 'table')} · ${bytes(size)} · dead ${compact(dead)}`, 'faint']];
  },
  remarks: failuresOf,
  empty: 'the database has no tables',
  brief: (data, rows) => verdict(rows, failuresOf(data).length),
  copy: row => row.name,
  rowStyle: row => (row.kind === 'index' && row.severity === 'ok' ? 'faint' : undefined),
});

type Data = Parameters<typeof tablesRows>[0];
const sameRows = (a: Data, b: Data): boolean =>
  a.tables === b.tables &&
  a.progress === b.progress &&
  a.indexes === b.indexes &&
  a.bloat === b.bloat &&
  a.partitions === b.partitions;

type Failures = Readonly<Record<'progressFails' | 'indexesFail' | 'partitionsFail', string | undefined>>;

function failuresOf({progressFails, indexesFail, partitionsFail}: Failures): readonly string[] {
  return [progressFails, indexesFail, partitionsFail].filter(line => line !== undefined);
}

/** What is wrong, or what runs, or that nothing is wrong; where a source fails not everything is known. */
function verdict(rows: readonly TablesRow[], failures: number): Line {
  const bad = rows.filter(row => row.severity !== 'ok');
  const [first] = bad;
  if (first !== undefined && first.severity !== 'ok') {
    const more = bad.length > 1 ? ` and ${count(bad.length - 1)} more` : '';
    return [
      [`${GLYPH[first.severity]} `, first.severity],
      [`${first.name}${more}`, 'strong'],
    ];
  }
  if (failures > 0)
    return [
      [`${GLYPH.warn} `, 'warn'],
      ['not everything is known', 'strong'],
    ];
  const [work] = rows.filter(row => row.kind === 'work');
  return work === undefined
    ? [
        [`${GLYPH.ok} `, 'ok'],
        ['no problems', 'faint'],
      ]
    : [[`${work.name}: ${tableNote(work)}`]];
}
