import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {defineEdit, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import {limitOwner, limitSet} from './limit-values.ts';
import type {EditOptions} from './plan.ts';
import {limitEdit, limitWords} from './set-limit.ts';

const TYPES = [
  'max_position_value',
  'max_position_quantity',
  'max_order_value',
  'max_exposure',
  'max_daily_loss',
  'max_orders_per_minute',
];

/** The key of a limit that has no number yet. */
export const NEW_LIMIT = 'new';

/** Makes a risk limit, enabled at once. One of the same type for the same account, strategy and symbol is refused: set that. */
export const newLimitAction = defineEdit({
  ...limitEdit,
  id: 'new-limit',
  title: 'New risk limit',
  key: 'N',
  help: 'Makes a risk limit for an account, strategy or symbol, or for all of them: `tradetop limit new`.',
  right: 'new_limits',
  label: key => (key === NEW_LIMIT ? 'new limit' : `limit ${key}`),
  edit,
  facts: (_key, _row, {set}) => [
    fact('limit', limitWords(set as Raw)),
    fact('limit value', `${set.limit_value} (new)`),
    fact('warn fraction', String(set.warn_fraction)),
    fact('afterwards', 'services that know the type watch it at once'),
  ],
});

function edit(_key: string, _row: Raw | undefined, options: EditOptions, who: string): RowEdit | string {
  const {limitType = '', limit = '', warn = '0.8'} = options;
  if (!TYPES.includes(limitType))
    return `${sanitise(limitType, 60) || 'Nothing'} is no type of limit. There are: ${TYPES.join(', ')}.`;
  const values = limitSet({limits: {limit_value: limit}, warn});
  if (typeof values === 'string') return values;
  const set = {limit_type: limitType, ...limitOwner(options), ...values, updated_by: who};
  return {set, insert: {statement: 'actions/new_limit', params: Object.values(set)}};
}
