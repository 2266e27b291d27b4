import {SYSTEM_KEYS} from '../config/system-keys.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {defineEdit, type EditSpec, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import type {EditOptions} from './plan.ts';
import {ago} from './words.ts';

const MAX_KEY_LENGTH = 100;

/** System settings in shared.system_config: JSON values by key. */
export const configEdit: EditSpec = {
  id: 'set-config',
  title: 'Set configuration',
  help: 'Changes or creates a system setting: `tradetop config set`.',
  schema: 'shared',
  name: 'system_config',
  idColumn: 'key',
  read: 'actions/config',
  right: 'config',
  label: key => `setting ${sanitise(key, 120)}`,
  edit,
  state: row => sanitise(String(row.value), 500),
  facts: (_key, row, {set}) => [
    fact('value', row ? `${row.value} → ${set.value}` : `${set.value} (new)`),
    ...('description' in set ? [fact('description', `${row?.description ?? 'none'} → ${set.description}`)] : []),
    ...(row ? [lastChange(row)] : []),
  ],
};

export const setConfigAction = defineEdit(configEdit);

/** When and by whom a row was last changed. */
export const lastChange = (row: Raw) =>
  fact(
    'last change',
    `${ago(String(row.updated_at))} by ${row.updated_by ?? 'an unknown user'}, version ${row.version}`,
  );

function edit(key: string, row: Raw | undefined, options: EditOptions, who: string): RowEdit | string {
  const {value = '', description, create = false} = options;
  if (key.trim() === '' || [...key].length > MAX_KEY_LENGTH) return `A key has 1 to ${MAX_KEY_LENGTH} characters.`;
  const wrong = notJson(value);
  if (wrong !== undefined) return wrong;
  // What tradetop itself reads is no misspelt key.
  if (!row && !create && !Object.hasOwn(SYSTEM_KEYS, key))
    return `There is no setting ${sanitise(key, 120)}. Add --new to create it.`;
  if (!row && /[\s\p{C}]/u.test(key)) return 'A new key must have no blanks and no control characters.';
  if (row && create) return `Setting ${sanitise(key, 120)} already exists: ${configEdit.state(row)}.`;
  const set = {value, ...(description === undefined ? {} : {description}), updated_by: who};
  if (row) return {set};
  return {set, insert: {statement: 'actions/new_config', params: [key, value, description ?? null, who]}};
}

function notJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return `${sanitise(text, 80)} is not JSON. Write true, 5, {"a": 1}, or a text in its quotes: '"text"'.`;
  }
}
