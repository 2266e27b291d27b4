import {type Target, targetName} from '../actions/target.ts';
import {indexKey, tableKey} from '../alerts/tables.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {TableRow} from '../monitor/tables.ts';

/** A target of an action, as the chooser lists it. */
export type TargetItem = {
  readonly key: string;
  readonly target: Target;
  /** As it is written on the screen and typed to confirm. */
  readonly name: SafeText;
  readonly kind: 'database' | 'schema' | TableRow['kind'];
  readonly tables: number;
  /** Undefined when the size of one of its tables is not known. */
  readonly sizeBytes: number | undefined;
  readonly liveRows: number;
  readonly deadRows: number;
  /** The oldest one among the tables that were vacuumed at all. */
  readonly lastVacuum: Micros | undefined;
  /** A table that is being vacuumed right now: heap blocks scanned of all, 0…100. */
  readonly vacuumPercent: number | undefined;
};

/** Of the database, its schemas by name and its tables by dead rows: those of these kinds whose name holds the filter. */
export function targetItems(state: State, kinds: readonly Target['kind'][], filter: string): readonly TargetItem[] {
  const tables = state.samples.tables.rows;
  if (tables.length === 0) return [];
  const schemas = [...new Set(tables.map(t => t.schema))].sort();
  const vacuums = vacuumPercents(state);
  const items: TargetItem[] = [
    group('database', {kind: 'database'}, databaseName(state), tables),
    ...schemas.map(schema =>
      group(
        'schema',
        {kind: 'schema', schema},
        schema,
        tables.filter(t => t.schema === schema),
      ),
    ),
    ...tables.map(table => single(table, vacuums)).sort((a, b) => b.deadRows - a.deadRows || compare(a.name, b.name)),
  ];
  const wanted = filter.trim().toLowerCase();
  return items.filter(item => kinds.includes(item.target.kind) && item.name.toLowerCase().includes(wanted));
}

/** The table or the index that a row of Tables & vacuum is about, by the row's key. Undefined: neither. */
export function targetOfTableRow({samples: {tables, indexes}}: State, key: string): Target | undefined {
  const table = tables.rows.find(row => tableKey(row) === key);
  if (table) return {kind: 'table', schema: table.schema, name: table.name};
  const index = indexes.rows.find(row => indexKey(row) === key);
  return index && {kind: 'index', schema: index.schema, name: index.name};
}

/** The index of the chosen item: by its identity, else the index that it had. */
export function chosenIndex(items: readonly Pick<TargetItem, 'key'>[], key: string | undefined, index: number): number {
  const found = key === undefined ? -1 : items.findIndex(item => item.key === key);
  return found >= 0 ? found : Math.max(0, Math.min(index, items.length - 1));
}

/** A target's name as the screen shows it before its plan is there. */
export function nameOfTarget(state: State, target: Target): SafeText {
  if (target.kind === 'database') return databaseName(state);
  return targetName(target, '');
}

const databaseName = (state: State): SafeText => state.samples.server.rows[0]?.database ?? state.about.trading;

/** How far each VACUUM is, by its table's name. Rows that are no longer true say nothing. */
const vacuumPercents = ({samples: {progress}}: State): ReadonlyMap<string, number> =>
  new Map(
    (progress.state === 'ok' ? progress.rows : []).flatMap(({relation, scannedPercent}) =>
      scannedPercent === undefined ? [] : [[relation, scannedPercent]],
    ),
  );

function single(table: TableRow, vacuums: ReadonlyMap<string, number>): TargetItem {
  const name = sanitise(`${table.schema}.${table.name}`);
  return {
    key: `table:${name}`,
    target: {kind: 'table', schema: table.schema, name: table.name},
    name,
    kind: table.kind,
    tables: 1,
    sizeBytes: table.sizeBytes,
    liveRows: table.liveRows,
    deadRows: table.deadRows,
    lastVacuum: table.lastVacuum,
    vacuumPercent: vacuums.get(name),
  };
}

function group(kind: 'database' | 'schema', target: Target, name: SafeText, tables: readonly TableRow[]): TargetItem {
  // The size and the rows of a partitioned table are those of its partitions, which are listed too.
  const real = tables.filter(t => t.kind !== 'partitioned');
  const vacuums = real.map(t => t.lastVacuum).filter(at => at !== undefined);
  return {
    key: `${kind}:${name}`,
    target,
    name,
    kind,
    tables: real.length,
    sizeBytes: real.some(t => t.sizeBytes === undefined)
      ? undefined
      : real.reduce((sum, t) => sum + (t.sizeBytes ?? 0), 0),
    liveRows: real.reduce((sum, t) => sum + t.liveRows, 0),
    deadRows: real.reduce((sum, t) => sum + t.deadRows, 0),
    lastVacuum: vacuums.length > 0 ? Math.min(...vacuums) : undefined,
    vacuumPercent: undefined,
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
