import {grouped, NA} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import {type Column, decimalsFor, type Value} from '../../lines/table.ts';
import type {PaneData, PaneDef, PaneTable} from './pane.ts';

/** A row as JSON has it. */
export const valuesOf = <Data extends PaneData, Row>(
  {columns}: PaneDef<Data, Row>,
  row: Row,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(columns.filter(c => c.id !== '').map(c => [c.id, c.value(row)]));

/** The columns that a row has, each with all its digits. */
export const detailsOf = <Data extends PaneData, Row>(
  {columns, applies}: PaneDef<Data, Row>,
  row: Row,
): readonly (readonly [name: string, value: string])[] =>
  columns
    .filter(column => applies?.(row, column.id) ?? true)
    .map(column => [column.id.replaceAll('_', ' '), wholeValue(column, row)]);

function wholeValue<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row);
  if (value === null) return NA;
  if (column.digits !== undefined) return grouped(String(value));
  if (typeof value === 'number') return column.text(row, {now: 0, decimals: 0});
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}

/** All rows of a pane, without a screen. */
export function tableOf<Data extends PaneData, Row>(def: PaneDef<Data, Row>, state: State): PaneTable {
  const data = def.select(state);
  const all = def.rows(data, new WeakMap());
  const decimals = decimalsFor(def.columns, all);
  const texts = (row: Row) => def.columns.map(c => c.text(row, {now: state.at, decimals: decimals.get(c.id) ?? 0}));
  return {
    id: def.id,
    title: def.title,
    status: data.status,
    summary: def.brief(data, all),
    columns: def.columns.map(({id, title, align, priority}) => ({id, title, align, priority})),
    rows: all.map(row => ({key: def.rowKey(row), texts: texts(row), values: valuesOf(def, row)})),
  };
}
