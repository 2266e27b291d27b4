import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {defineEdit, type EditSpec, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import {limitSet, ownerWords} from './limit-values.ts';
import type {EditOptions} from './plan.ts';
import {lastChange} from './set-config.ts';

/** Risk limits in risk_management.risk_limits: their value, from which fraction on they warn, and whether they are enabled. */
export const limitEdit: EditSpec = {
  id: 'set-limit',
  title: 'Set risk limit',
  key: 'S',
  help: 'Changes a risk limit’s value or warning, or enables or disables it: `tradetop limit set`.',
  schema: 'risk_management',
  name: 'risk_limits',
  idColumn: 'id',
  read: 'actions/limits',
  right: 'limits',
  label: key => `limit ${key}`,
  edit,
  state: row => `${row.limit_value}, warns from ${row.warn_fraction} of it${row.enabled === false ? ', disabled' : ''}`,
  facts: (key, row, {set}) => [
    fact('limit', `${key}: ${row ? limitWords(row) : 'none'}`),
    ...(['limit_value', 'warn_fraction', 'enabled'] as const)
      .filter(column => column in set)
      .map(column => fact(column.replace('_', ' '), `${row?.[column]} → ${set[column]}`, set[column] === false)),
    ...(row ? [lastChange(row)] : []),
  ],
};

export const setLimitAction = defineEdit(limitEdit);

/** What a limit applies to: `max_position_value, account ACC-1, symbol AAPL`. */
export const limitWords = (row: Raw): string => sanitise([String(row.limit_type), ...ownerWords(row)].join(', '));

function edit(key: string, row: Raw | undefined, options: EditOptions, who: string): RowEdit | string {
  if (!row) return `There is no risk limit ${sanitise(key, 40)}. See: tradetop limit list`;
  const set = limitSet({limits: {limit_value: options.limit}, ...options});
  if (typeof set === 'string') return set;
  if (Object.keys(set).length === 0) return 'Nothing to change. Give --value, --warn, --enable or --disable.';
  return {set: {...set, updated_by: who}};
}
