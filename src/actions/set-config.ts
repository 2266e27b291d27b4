import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {EditOptions} from './action.ts';
import {defineEdit, type Editing, type Wanted} from './edit-rows.ts';
import {fact} from './facts.ts';
import {ago} from './words.ts';

const KEY_LENGTH = 100;

/** The settings in shared.system_config: JSON by key. */
export const configEditing: Editing = {
  id: 'set-config',
  title: 'Set configuration',
  help: 'Changes a setting of the whole system, or makes one: `tradetop config set`.',
  schema: 'shared',
  name: 'system_config',
  idColumn: 'key',
  read: 'actions/config',
  right: 'config',
  named: key => `setting ${sanitise(key, 120)}`,
  wanted,
  state: row => sanitise(String(row.value), 500),
  facts: (_key, row, {set}) => [
    fact('value', row ? `${row.value} → ${set.value}` : `${set.value} (new)`),
    ...('description' in set ? [fact('description', `${row?.description ?? 'none'} → ${set.description}`)] : []),
    ...(row ? [lastChange(row)] : []),
  ],
};

export const setConfigEdit = defineEdit(configEditing);

/** When a row was changed last, and by whom. */
export const lastChange = (row: Raw) =>
  fact(
    'last change',
    `${ago(String(row.updated_at))} by ${row.updated_by ?? 'an unknown hand'}, version ${row.version}`,
  );

function wanted(key: string, row: Raw | undefined, edit: EditOptions, who: string): Wanted | string {
  const {value = '', description, create = false} = edit;
  if (key.trim() === '' || [...key].length > KEY_LENGTH) return `A key has 1 to ${KEY_LENGTH} characters.`;
  const wrong = notJson(value);
  if (wrong !== undefined) return wrong;
  if (!row && !create) return `There is no setting ${sanitise(key, 120)}. Add --new to make it.`;
  if (!row && /[\s\p{C}]/u.test(key)) return 'A new key holds no blanks and no control characters.';
  if (row && create) return `Setting ${sanitise(key, 120)} is there already: ${configEditing.state(row)}.`;
  const set = {value, ...(description === undefined ? {} : {description}), updated_by: who};
  if (row) return {set};
  return {set, make: {statement: 'actions/new_config', params: [key, value, description ?? null, who]}};
}

function notJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return `${sanitise(text, 80)} is not JSON. Write true, 5, {"a": 1}, or a text in its quotes: '"text"'.`;
  }
}
