import {age} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {EditSpec, RowEdit} from './edit-rows.ts';

const MAX_ID = 400;

/** What acknowledging and muting share: the table, and how its rows are told. */
export const MARKS = {
  schema: 'shared',
  name: 'alert_marks',
  idColumn: 'alert',
  read: 'actions/alert_marks',
  right: 'alerts',
  label: key => `alert ${sanitise(key, 160)}`,
  state: stateOf,
} as const satisfies Partial<EditSpec>;

/** The insertion of an alert's first mark: its id, who, a note, minutes. */
export const insertOf = (row: Raw | undefined, params: readonly unknown[]): Pick<RowEdit, 'insert'> =>
  row ? {} : {insert: {statement: 'actions/new_alert_mark', params}};

/** Why it cannot be an alert's id; undefined: it can. */
export const wrongId = (key: string): string | undefined =>
  key.length > MAX_ID || !/^[a-z]/.test(key) ? `${sanitise(key, 80)} is not an alert’s id.` : undefined;

function stateOf(row: Raw): string {
  const at = (text: unknown): string => isoOf(text) ?? String(text);
  const acknowledged =
    row.acknowledged_at === null
      ? 'not acknowledged'
      : `acknowledged by ${row.acknowledged_by} at ${at(row.acknowledged_at)}`;
  const muted =
    row.muted_at === null ? '' : `, muted at ${at(row.muted_at)} for ${age(Number(row.muted_minutes) * 60)}`;
  return sanitise(`${acknowledged}${muted}`, 300);
}
