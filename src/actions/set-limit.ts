import {dec, parseDigits} from '../core/decimal.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {defineEdit, type EditSpec, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
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
export const limitWords = (row: Raw): string =>
  sanitise(
    [
      String(row.limit_type),
      ...(['account_id', 'strategy', 'symbol'] as const)
        .filter(column => row[column] !== null)
        .map(column => `${column.replace('_id', '')} ${row[column]}`),
    ].join(', '),
  );

function edit(key: string, row: Raw | undefined, options: EditOptions, who: string): RowEdit | string {
  const {limit, warn, enabled} = options;
  if (!row) return `There is no risk limit ${sanitise(key, 40)}. See: tradetop limit list`;
  const limitValue = limit === undefined ? undefined : limitNumber(limit);
  if (limit !== undefined && limitValue === undefined) return `${sanitise(limit, 40)} ${WRONG_LIMIT}`;
  const warnFraction = warn === undefined ? undefined : limitFraction(warn);
  if (warn !== undefined && warnFraction === undefined) return `${sanitise(warn, 40)} ${WRONG_FRACTION}`;
  const set = {
    ...(limitValue === undefined ? {} : {limit_value: limitValue}),
    ...(warnFraction === undefined ? {} : {warn_fraction: warnFraction}),
    ...(enabled === undefined ? {} : {enabled}),
  };
  if (Object.keys(set).length === 0) return 'Nothing to change. Give --value, --warn, --enable or --disable.';
  return {set: {...set, updated_by: who}};
}

/** What is wrong with a text that `limitNumber` refuses. */
export const WRONG_LIMIT =
  'is not a limit. Give a number above 0, with up to 16 digits before the decimal point and 4 after it.';

/** What is wrong with a text that `limitFraction` refuses. */
export const WRONG_FRACTION =
  'is not a fraction of a limit. Give a number above 0 and up to 1, with up to 4 digits after the decimal point.';

/** The value of a limit, in plain digits; undefined: the text is none. */
export const limitNumber = (text: string): string | undefined => within(text, 16);

/** The fraction of a limit from which on it warns, in plain digits; undefined: the text is none. */
export function limitFraction(text: string): string | undefined {
  const fraction = within(text, 1);
  return fraction === undefined || dec(fraction).gt(1) ? undefined : fraction;
}

/** A decimal above 0 that PostgreSQL stores without rounding; undefined where there is none. */
function within(text: string, digits: number): string | undefined {
  const plain = parseDigits(text);
  const fits = plain !== undefined && new RegExp(`^\\d{1,${digits}}(?:\\.\\d{1,4})?$`).test(plain);
  return fits && dec(plain).gt(0) ? plain : undefined;
}
