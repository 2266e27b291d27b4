import {indexKey, indexSeverity, partitionsSeverity, tableKey, tableSeverity} from '../../../src/alerts/tables.ts';
import {age, ageAt, count, percent} from '../../../src/core/format.ts';
import {byWorst, type Severity, worstOf} from '../../../src/core/severity.ts';
import type {BloatRow, IndexRow} from '../../../src/monitor/indexes.ts';
import type {PartitionsRow} from '../../../src/monitor/partitions.ts';
import type {ProgressRow} from '../../../src/monitor/progress.ts';
import type {TableRow} from '../../../src/monitor/tables.ts';

/** A row of the pane: an operation under way, a table with what else is known of it, or an index that needs a look. */
export type TablesRow = {readonly key: string; readonly severity: Severity; readonly name: string} & (
  | {readonly kind: 'work'; readonly of: ProgressRow}
  | {
      readonly kind: 'table';
      readonly of: TableRow;
      /** Undefined: not known. */
      readonly bloat: BloatRow | undefined;
      /** Of a table that is partitioned by time. */
      readonly partitions: PartitionsRow | undefined;
    }
  | {readonly kind: 'index'; readonly of: IndexRow}
);

type Sources = {
  readonly progress: readonly ProgressRow[];
  readonly tables: readonly TableRow[];
  readonly bloat: readonly BloatRow[];
  readonly partitions: readonly PartitionsRow[];
  readonly indexes: readonly IndexRow[];
};

/** What runs first, then what is wrong, the worst first, then the others by size; indexes without harm come last. */
export function tablesRows({progress, tables, bloat, partitions, indexes}: Sources): readonly TablesRow[] {
  const bloated = new Map(bloat.map(row => [tableKey(row), row]));
  const parted = new Map(partitions.map(row => [tableKey(row), row]));
  const works = progress.map(workRow);
  const listed = tables.map(of => tableRow(of, bloated, parted)).toSorted((a, b) => size(b) - size(a));
  const others = indexes.map(indexRow);
  const judged = [...listed, ...others].filter(row => row.severity !== 'ok');
  return [...works, ...judged.toSorted(byWorst), ...[...listed, ...others].filter(row => row.severity === 'ok')];
}

const size = (row: TablesRow): number => (row.kind === 'table' ? (row.of.sizeBytes ?? Number.POSITIVE_INFINITY) : 0);

const workRow = (of: ProgressRow): TablesRow => ({
  kind: 'work',
  of,
  key: `work ${of.pid} ${of.command} ${of.relation}`,
  severity: 'ok',
  name: of.relation || 'server',
});

function tableRow(
  of: TableRow,
  bloated: ReadonlyMap<string, BloatRow>,
  parted: ReadonlyMap<string, PartitionsRow>,
): TablesRow {
  const key = tableKey(of);
  const partitions = parted.get(key);
  return {
    kind: 'table',
    of,
    bloat: bloated.get(key),
    partitions,
    key,
    severity: worstOf(
      of.kind === 'partitioned' ? 'ok' : tableSeverity(of),
      partitions ? partitionsSeverity(partitions) : 'ok',
    ),
    name: `${of.schema}.${of.name}`,
  };
}

const indexRow = (of: IndexRow): TablesRow => ({
  kind: 'index',
  of,
  key: indexKey(of),
  severity: indexSeverity(of),
  name: `${of.schema}.${of.name}`,
});

/** What else there is to say of a row, in a few words. */
export function tableNote(row: TablesRow, now?: number): string {
  if (row.kind === 'work') return workNote(row.of);
  if (row.kind === 'index') {
    const {problem, table, duplicateOf, countedSince} = row.of;
    if (problem === 'duplicate') return `does the same as ${duplicateOf} of ${table}`;
    if (problem === 'invalid') return `of ${table}: serves no query`;
    const since = countedSince === undefined || now === undefined ? '' : ` in ${ageAt(countedSince, now)}`;
    return `of ${table}: not used${since}`;
  }
  const {of, partitions} = row;
  return [partitions && partitionsNote(partitions), of.autovacuumOff ? 'autovacuum off' : '']
    .filter(Boolean)
    .join(' · ');
}

function workNote({command, phase, percent: share, leftSeconds, seconds, automatic, pid}: ProgressRow): string {
  const left = leftSeconds === undefined ? '' : `, ${age(leftSeconds)} left`;
  const part = share === undefined ? '' : ` ${percent(share, 0)}${left}`;
  return `${automatic ? `auto${command.toLowerCase()}` : command}: ${phase}${part} · for ${age(seconds)} · pid ${pid}`;
}

function partitionsNote({covered, aheadSeconds, defaultRows = 0, partitions}: PartitionsRow): string {
  const reach = !covered
    ? 'no partition for now'
    : aheadSeconds === undefined
      ? 'no end'
      : `${age(aheadSeconds)} ahead`;
  const waiting = defaultRows > 0 ? `, ${count(defaultRows)} rows in the default one` : '';
  return `${count(partitions)} partitions, ${reach}${waiting}`;
}
