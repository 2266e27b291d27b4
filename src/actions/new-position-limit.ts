import type {Raw} from '../io/io.ts';
import {defineEdit, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import {limitOwner, limitSet} from './limit-values.ts';
import {NEW_LIMIT} from './new-limit.ts';
import type {EditOptions} from './plan.ts';
import {positionLimitEdit, positionLimitWords, typedAmounts, wrongPositionLimit} from './set-position-limit.ts';

/** Makes a position limit, enabled at once. One for the same account, strategy and symbol is refused: set that. */
export const newPositionLimitAction = defineEdit({
  ...positionLimitEdit,
  id: 'new-position-limit',
  title: 'New position limit',
  help: 'Makes a limit of what an account, a strategy or all may hold: `N` on such a row in Risk, `tradetop limit new position`.',
  right: 'new_position_limits',
  label: key => (key === NEW_LIMIT ? 'new position limit' : `position limit ${key}`),
  edit,
  facts: (_key, _row, {set}) => [
    fact('limit', positionLimitWords(set as Raw)),
    fact('max quantity', `${set.max_quantity ?? 'none'} (new)`),
    fact('max value', `${set.max_value ?? 'none'} (new)`),
    fact('warn fraction', String(set.warn_fraction)),
    fact('afterwards', 'tradetop sync measures it within seconds, and what is over it becomes a risk event'),
  ],
});

function edit(_key: string, _row: Raw | undefined, options: EditOptions, who: string): RowEdit | string {
  const owner = limitOwner(options);
  if (Object.values(owner).every(of => of === null)) return 'Name an account, a strategy or a symbol that it is for.';
  const values = limitSet({limits: typedAmounts(options), warn: options.warn ?? '0.8'});
  if (typeof values === 'string') return values;
  const set = {...owner, max_quantity: null, max_value: null, ...values, updated_by: who};
  return (
    wrongPositionLimit(set) ?? {set, insert: {statement: 'actions/new_position_limit', params: Object.values(set)}}
  );
}
