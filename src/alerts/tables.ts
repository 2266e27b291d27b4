import {age, bytes, compact, percent, plural} from '../core/format.ts';
import {type Severity, worstOf} from '../core/severity.ts';
import type {HorizonRow} from '../monitor/horizons.ts';
import type {BloatRow, IndexRow} from '../monitor/indexes.ts';
import type {PartitionsRow} from '../monitor/partitions.ts';
import type {TableRow} from '../monitor/tables.ts';
import {judge, near} from './limits.ts';
import {holderOf} from './replication.ts';
import {type AlertRule, found, measured} from './rule.ts';

/** Fewer dead or changed rows are no concern, whatever their share. */
const LEAST_ROWS = 10_000;
/** Fewer bytes of bloat are not worth a rewrite. */
const LEAST_BLOAT_BYTES = 100 * 1024 * 1024;
const DAY = 86_400;

const DEAD = {unit: 'share', warn: 0.25, crit: 0.6, clear: 0.2} as const;
/** Autovacuum looks at a table every minute: what it removes by itself is no concern. */
const AUTOVACUUM_SECONDS = 120;
/** Shares of the age at which autovacuum freezes a table whatever else is set. It starts at 1, and needs its time. */
const FREEZE = {unit: 'share', warn: 1.5, crit: 4} as const;
/** Share of the rows. Autovacuum analyzes at a tenth. */
const CHANGED = {unit: 'share', warn: 0.5, forSeconds: 300} as const;
const BLOAT = {unit: 'share', warn: 0.5, clear: 0.4} as const;
const AHEAD = {unit: 'seconds', warn: 14 * DAY, crit: DAY, worse: 'under'} as const;

/**
 * Dead rows among all, 0…1; 0 where they are too few to matter.
 * @internal
 */
export const deadShare = ({deadRows, liveRows}: TableRow): number =>
  deadRows < LEAST_ROWS ? 0 : deadRows / (liveRows + deadRows);

/** Rows changed since the last ANALYZE among all, 0…; 0 where they are too few to matter. */
const changedShare = ({changedRows = 0, liveRows}: TableRow): number =>
  changedRows < LEAST_ROWS ? 0 : changedRows / Math.max(liveRows, 1);

const bloatShare = ({bloatPercent, bloatBytes}: BloatRow): number =>
  bloatBytes < LEAST_BLOAT_BYTES ? 0 : bloatPercent / 100;

/** How bad a table's condition is: dead rows, rows that are not frozen in time, statistics that are old. */
export function tableSeverity(row: TableRow): Severity {
  const stale: Severity = changedShare(row) > CHANGED.warn ? 'warn' : 'ok';
  return worstOf(judge(deadShare(row), DEAD), judge((row.freezePercent ?? 0) / 100, FREEZE), stale);
}

/** How bad it is that an index is in the list. */
export const indexSeverity = ({problem}: IndexRow): Severity => (problem === 'invalid' ? 'warn' : 'ok');

/** How bad it is that the partitions by time reach no further, or that rows lie in the default one. */
export const partitionsSeverity = ({aheadSeconds = AHEAD.warn, covered, defaultRows = 0}: PartitionsRow): Severity =>
  !covered || aheadSeconds < AHEAD.crit ? 'crit' : aheadSeconds < AHEAD.warn || defaultRows > 0 ? 'warn' : 'ok';

/** The key of a table's row in the Tables pane. */
export const tableKey = ({schema, name}: {readonly schema: string; readonly name: string}): string =>
  `table ${schema}.${name}`;

/** The key of an index's row in the Tables pane. */
export const indexKey = ({schema, name, problem}: IndexRow): string => `index ${schema}.${name} ${problem}`;

const nameOf = ({schema, name}: {readonly schema: string; readonly name: string}): string => `${schema}.${name}`;
const rowOf = (table: {readonly schema: string; readonly name: string}) =>
  ({pane: 'tables', key: tableKey(table)}) as const;
// A partitioned table has the sums of its partitions, which are judged one by one.
const real = (rows: readonly TableRow[]): readonly TableRow[] => rows.filter(({kind}) => kind !== 'partitioned');

/** A horizon is worth naming when it has been held for so many seconds. */
const HELD_SECONDS = 60;

/** Why a table has many dead rows, where that is known. */
function whyDead(table: TableRow, holder: HorizonRow | undefined): string | undefined {
  if (table.autovacuumOff) return 'autovacuum is off for this table';
  // A slot tells no time: it holds what it holds.
  if (holder !== undefined && (holder.seconds ?? HELD_SECONDS) >= HELD_SECONDS)
    return `${holderOf(holder)} holds the xmin horizon`;
  return table.lastVacuum === undefined ? 'it has never been vacuumed' : undefined;
}

/** Tables and indexes: what VACUUM and ANALYZE did not do, and what is in the way. */
export const tableRules: readonly AlertRule[] = [
  {
    id: 'dead_rows',
    when: 'a large part of a table’s rows is dead, and autovacuum does not remove them within two minutes',
    needs: ['tables'],
    owner: 'database',
    todo: 'Vacuum it by V. If dead rows remain, the alert on the xmin horizon names what holds them.',
    limits: DEAD,
    find: ({samples: {tables, horizons}}, limits) =>
      real(tables.rows)
        .filter(table => near(deadShare(table), limits))
        .flatMap(table =>
          measured(deadShare(table), {
            subject: nameOf(table),
            text: `${nameOf(table)}: ${percent(deadShare(table) * 100, 0)} of its rows are dead (${compact(table.deadRows)})`,
            cause: whyDead(table, horizons.rows[0]),
            forSeconds: table.autovacuumOff ? 0 : AUTOVACUUM_SECONDS,
            row: rowOf(table),
          }),
        ),
  },
  {
    id: 'table_freeze',
    when: 'autovacuum does not freeze a table in time',
    needs: ['tables'],
    owner: 'database',
    todo: 'Freeze the table: tradetop maintain vacuum-freeze TABLE, or : vacuum-freeze; see what holds the xmin horizon.',
    limits: FREEZE,
    find: ({samples: {tables}}, limits) =>
      real(tables.rows)
        .filter(({freezePercent = 0}) => near(freezePercent / 100, limits))
        .flatMap(table =>
          measured((table.freezePercent ?? 0) / 100, {
            subject: nameOf(table),
            text: `${nameOf(table)}: its oldest row is at ${percent(table.freezePercent, 0)} of autovacuum_freeze_max_age`,
            row: rowOf(table),
          }),
        ),
  },
  {
    id: 'stale_statistics',
    when: 'most rows of a table changed since its last ANALYZE',
    needs: ['tables'],
    owner: 'database',
    todo: 'Analyze it by A: until then the planner may choose wrong plans.',
    limits: CHANGED,
    find: ({samples: {tables}}, limits) =>
      real(tables.rows)
        .filter(table => near(changedShare(table), limits))
        .flatMap(table =>
          measured(changedShare(table), {
            subject: nameOf(table),
            text: `${nameOf(table)}: ${compact(table.changedRows)} rows changed since the last ANALYZE, it has ${compact(table.liveRows)}`,
            cause: table.autovacuumOff ? 'autovacuum is off for this table' : undefined,
            row: rowOf(table),
          }),
        ),
  },
  {
    id: 'bloat',
    when: 'a table’s pages hold much more than its rows need, by an estimate',
    needs: ['bloat'],
    owner: 'database',
    todo: 'Plan a rewrite (pg_repack, or VACUUM FULL in a window); the estimate is only as good as the last ANALYZE.',
    limits: BLOAT,
    find: ({samples: {bloat}}, limits) =>
      bloat.rows
        .filter(table => near(bloatShare(table), limits))
        .flatMap(table =>
          measured(bloatShare(table), {
            subject: nameOf(table),
            text: `${nameOf(table)}: about ${bytes(table.bloatBytes)} (${percent(table.bloatPercent, 0)}) are bloat, by an estimate`,
            row: rowOf(table),
          }),
        ),
  },
  {
    id: 'invalid_index',
    when: 'an index is invalid and nobody builds it',
    needs: ['indexes'],
    owner: 'database',
    todo: 'Build it anew by R, which also drops what a failed attempt left: it slows every write and serves no query.',
    find: ({samples: {indexes}}) =>
      indexes.rows.flatMap(index =>
        found(indexSeverity(index), {
          subject: nameOf(index),
          text: `Index ${nameOf(index)} of ${index.table} is invalid`,
          cause: 'making it concurrently failed',
          row: {pane: 'tables', key: indexKey(index)},
        }),
      ),
  },
  {
    id: 'partitions_ahead',
    when: 'the partitions by time of a table soon end',
    needs: ['partitions'],
    owner: 'data',
    todo: 'Create the next months by P, or tradetop maintain create-partitions.',
    limits: AHEAD,
    find: ({samples: {partitions}}, limits) =>
      partitions.rows
        .filter(({aheadSeconds}) => aheadSeconds !== undefined)
        .map(table => ({table, ahead: table.covered ? (table.aheadSeconds ?? 0) : 0}))
        .filter(({ahead}) => near(ahead, limits))
        .flatMap(({table, ahead}) =>
          measured(ahead, {
            subject: nameOf(table),
            text: table.covered
              ? `${nameOf(table)}: its partitions end in ${age(ahead)}`
              : `${nameOf(table)} has no partition for now`,
            row: rowOf(table),
          }),
        ),
  },
  {
    id: 'default_partition',
    when: 'rows lie in the default partition of a table',
    needs: ['partitions'],
    owner: 'data',
    todo: 'P makes the months that they wait for and moves them (tradetop maintain create-partitions).',
    find: ({samples: {partitions}}) =>
      partitions.rows.flatMap(table =>
        found((table.defaultRows ?? 0) > 0 ? 'warn' : 'ok', {
          subject: nameOf(table),
          text: `${nameOf(table)}: ${plural(table.defaultRows ?? 0, 'row')} in ${table.defaultPartition}`,
          row: rowOf(table),
        }),
      ),
  },
];
