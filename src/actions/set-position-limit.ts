import {dec} from '../core/decimal.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {defineEdit, type EditSpec, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import {limitSet, ownerWords} from './limit-values.ts';
import type {EditOptions, Fact} from './plan.ts';
import {lastChange} from './set-config.ts';
import {ago} from './words.ts';

/** What stands for no limit where one is typed. */
const NO_LIMIT = /^none$/i;

/** Position limits in risk_management.position_limits: what may be held, from which fraction on they warn, and whether they are enabled. */
export const positionLimitEdit: EditSpec = {
  id: 'set-position-limit',
  title: 'Set position limit',
  help: 'Changes a position limit’s quantity, value or warning, or enables or disables it: `S` on its row in Risk, `tradetop limit set position`.',
  schema: 'risk_management',
  name: 'position_limits',
  idColumn: 'id',
  read: 'actions/position_limits',
  right: 'position_limits',
  label: key => `position limit ${key}`,
  edit,
  state: row => `${amounts(row)}, warns from ${row.warn_fraction} of it${row.enabled === false ? ', disabled' : ''}`,
  facts: (key, row, {set}) => [
    fact('limit', `${key}: ${row ? positionLimitWords(row) : 'none'}`),
    ...(['max_quantity', 'max_value', 'warn_fraction', 'enabled'] as const)
      .filter(column => column in set)
      .map(column =>
        fact(column.replace('_', ' '), `${row?.[column] ?? 'none'} → ${set[column] ?? 'none'}`, set[column] === false),
      ),
    ...(row ? [held(row, set), lastChange(row)] : []),
  ],
};

export const setPositionLimitAction = defineEdit(positionLimitEdit);

/** Whose positions a limit is of: `account ACC-1, symbol AAPL`. */
export const positionLimitWords = (row: Raw): string => sanitise(ownerWords(row).join(', '));

/** `quantity 100.0000, value 5000.0000`, of a row or of what is written to it. */
const amounts = (row: Readonly<Record<string, unknown>>): string =>
  (['quantity', 'value'] as const)
    .flatMap(of => ((row[`max_${of}`] ?? null) === null ? [] : [`${of} ${row[`max_${of}`]}`]))
    .join(', ');

/** Why a position limit cannot be so; undefined: it can. */
export function wrongPositionLimit(row: Readonly<Record<string, unknown>>): string | undefined {
  if (amounts(row) === '') return 'A position limit has a quantity, a value or both. To end one, disable it.';
  if ((row.max_quantity ?? null) !== null && (row.symbol ?? null) === null)
    return 'A quantity is of one symbol: this limit is of several, which only a value can limit.';
  return undefined;
}

/** What is typed of the two limits, by column: null takes one away. */
export const typedAmounts = ({quantity, limit}: EditOptions) => ({
  max_quantity: NO_LIMIT.test(quantity?.trim() ?? '') ? null : quantity,
  max_value: NO_LIMIT.test(limit?.trim() ?? '') ? null : limit,
});

/** What the synchroniser measured last, which the new limits may be below. */
function held(row: Raw, set: RowEdit['set']): Fact {
  const now = {...row, ...set};
  const measured = (['quantity', 'value'] as const).flatMap(of => {
    const used = row[`used_${of}`];
    return typeof used === 'string' ? [{of, used, most: now[`max_${of}`]}] : [];
  });
  if (measured.length === 0) return fact('held', 'not measured yet');
  const isOver = measured.some(({used, most}) => typeof most === 'string' && dec(used).gt(most));
  const words = measured.map(({of, used}) => `${of} ${used}`).join(', ');
  const over = isOver && now.enabled !== false;
  return fact('held', `${words}, ${ago(row.evaluated_at as string)}${over ? ': over the limit' : ''}`, over);
}

function edit(key: string, row: Raw | undefined, options: EditOptions, who: string): RowEdit | string {
  if (!row) return `There is no position limit ${sanitise(key, 40)}. See: tradetop limit list position`;
  const set = limitSet({limits: typedAmounts(options), ...options});
  if (typeof set === 'string') return set;
  if (Object.keys(set).length === 0)
    return 'Nothing to change. Give --quantity, --value, --warn, --enable or --disable.';
  return wrongPositionLimit({...row, ...set}) ?? {set: {...set, updated_by: who}};
}
