import {dec, parseDigits} from '../core/decimal.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {RowEdit} from './edit-rows.ts';
import type {EditOptions} from './plan.ts';

const WRONG_LIMIT =
  'is not a limit. Give a number above 0, with up to 16 digits before the decimal point and 4 after it.';
const WRONG_FRACTION =
  'is not a fraction of a limit. Give a number above 0 and up to 1, with up to 4 digits after the decimal point.';

type Typed = {readonly limits: Readonly<Record<string, string | null | undefined>>} & Pick<
  EditOptions,
  'warn' | 'enabled'
>;

/**
 * What an edit writes to a limit: its numbers by column, from which fraction on it warns, and whether it is enabled; what was
 * not typed is left out, and null takes a limit away. A text says what is wrong.
 */
export function limitSet({limits, warn, enabled}: Typed): RowEdit['set'] | string {
  const set: Record<string, string | boolean | null> = {};
  for (const [column, text] of Object.entries(limits)) {
    if (text === undefined) continue;
    const value = text === null ? null : within(text, 16);
    if (value === undefined) return `${sanitise(text ?? '', 40) || 'Nothing'} ${WRONG_LIMIT}`;
    set[column] = value;
  }
  if (warn !== undefined) {
    const fraction = within(warn, 1);
    if (fraction === undefined || dec(fraction).gt(1)) return `${sanitise(warn, 40) || 'Nothing'} ${WRONG_FRACTION}`;
    set.warn_fraction = fraction;
  }
  return enabled === undefined ? set : {...set, enabled};
}

/** A decimal above 0 that PostgreSQL stores without rounding; undefined where there is none. */
function within(text: string, digits: number): string | undefined {
  const plain = parseDigits(text);
  const fits = plain !== undefined && new RegExp(`^\\d{1,${digits}}(?:\\.\\d{1,4})?$`).test(plain);
  return fits && dec(plain).gt(0) ? plain : undefined;
}

/** Whose limit a new one is: null stands for all of them. */
export const limitOwner = ({account, strategy, symbol}: EditOptions) => ({
  account_id: account?.trim() || null,
  strategy: strategy?.trim() || null,
  symbol: symbol?.trim() || null,
});

/** Whose limit it is: `account ACC-1`, `symbol AAPL`; none: everybody's. */
export const ownerWords = (row: Raw): readonly string[] =>
  (['account_id', 'strategy', 'symbol'] as const)
    .filter(column => (row[column] ?? null) !== null)
    .map(column => `${column.replace('_id', '')} ${row[column]}`);
