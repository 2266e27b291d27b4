import {grouped, NA} from '../../../src/core/format.ts';
import type {SampleId, State} from '../../../src/model/state.ts';
import {type Status, statusOf} from '../../lines/status.ts';
import {type Column, decimalsFor, type Value} from '../../lines/table.ts';
import type {PaneData, PaneDef} from './pane.ts';
import type {PaneTable} from './pane-table.ts';

/** The names of columns as JSON has them. */
export const fieldsOf = (columns: readonly Pick<Column<never>, 'id'>[]): readonly string[] =>
  columns.map(c => c.id).filter(id => id !== '');

function worstOf(status: Status, state: State, reads: readonly SampleId[]): Status {
  if (status.state !== 'empty' && status.state !== 'ok') return status;
  const failing = reads.map(id => state.samples[id]).find(held => held.failure !== undefined);
  return failing === undefined ? status : statusOf(failing, state.at);
}

/** A value as JSON and CSV have it: they know no infinite number, such as the age of a time that is infinite. */
const written = (value: Value): Value => (typeof value === 'number' && !Number.isFinite(value) ? null : value);

/** A row as JSON has it. */
export const valuesOf = <Data extends PaneData, Row>(
  {columns}: PaneDef<Data, Row>,
  row: Row,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(columns.filter(c => c.id !== '').map(c => [c.id, written(c.value(row))]));

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

/**
 * All rows of a pane, without a screen. A pane without rows is empty only where every source of it was read: otherwise it
 * is as the one that fails.
 */
export function tableOf<Data extends PaneData, Row>(
  def: PaneDef<Data, Row>,
  state: State,
  reads: readonly SampleId[],
): PaneTable {
  const data = def.select(state);
  const all = def.rows(data, new WeakMap());
  const decimals = decimalsFor(def.columns, all);
  const texts = (row: Row) => def.columns.map(c => c.text(row, {now: state.at, decimals: decimals.get(c.id) ?? 0}));
  return {
    id: def.id,
    title: def.title,
    status: all.length === 0 ? worstOf(data.status, state, reads) : data.status,
    summary: def.brief(data, all),
    remarks: def.remarks?.(data) ?? [],
    fields: fieldsOf(def.columns),
    columns: def.columns.map(({id, title, align, priority}) => ({id, title, align, priority})),
    rows: all.map(row => ({key: def.rowKey(row), texts: texts(row), values: valuesOf(def, row)})),
  };
}
