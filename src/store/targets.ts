import type {Target} from '../actions/action.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {TableRow} from '../monitor/tables.ts';

/** Something that maintenance can be run on, as the chooser lists it. */
export type TargetItem = {
  readonly key: string;
  readonly target: Target;
  /** As it is written on the screen and typed to confirm. */
  readonly name: SafeText;
  readonly kind: 'database' | 'schema' | TableRow['kind'];
  readonly tables: number;
  /** Undefined when it is not known of every table. */
  readonly sizeBytes: number | undefined;
  readonly liveRows: number;
  readonly deadRows: number;
  /** The oldest one of the tables that were vacuumed at all. */
  readonly lastVacuum: Micros | undefined;
  readonly neverVacuumed: number;
};

/** The database, its schemas by name, its tables by dead rows: those whose name holds the filter. */
export function targetItems(state: State, filter: string): readonly TargetItem[] {
  const tables = state.samples.tables.rows;
  if (tables.length === 0) return [];
  const schemas = [...new Set(tables.map(t => t.schema))].sort();
  const items: TargetItem[] = [
    group('database', {kind: 'database'}, state.samples.server.rows[0]?.database ?? state.about.trading, tables),
    ...schemas.map(schema =>
      group(
        'schema',
        {kind: 'schema', schema},
        schema,
        tables.filter(t => t.schema === schema),
      ),
    ),
    ...tables.map(single).sort((a, b) => b.deadRows - a.deadRows || compare(a.name, b.name)),
  ];
  const wanted = filter.trim().toLowerCase();
  return wanted === '' ? items : items.filter(item => item.name.toLowerCase().includes(wanted));
}

/** The item that the chooser stands on: by identity, else by place. */
export function chosenIndex(items: readonly TargetItem[], key: string | undefined, place: number): number {
  const found = key === undefined ? -1 : items.findIndex(item => item.key === key);
  return found >= 0 ? found : Math.max(0, Math.min(place, items.length - 1));
}

function single(table: TableRow): TargetItem {
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
    neverVacuumed: table.lastVacuum === undefined && table.kind !== 'partitioned' ? 1 : 0,
  };
}

function group(kind: 'database' | 'schema', target: Target, name: SafeText, tables: readonly TableRow[]): TargetItem {
  // A partitioned table's own size and rows are those of its partitions, which are listed as well.
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
    neverVacuumed: real.length - vacuums.length,
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
