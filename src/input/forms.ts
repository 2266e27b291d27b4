import {NEW_LIMIT} from '../actions/new-limit.ts';
import type {ActionOptions} from '../actions/plan.ts';
import type {Target} from '../actions/target.ts';
import {settingValues, wrongSetting} from '../store/setting-scopes.ts';
import type {KeyContext} from './handler.ts';
import {rowOfKind, strategyOfRow} from './row-places.ts';

/** What the fields of a form hold, by their ids. */
type FormValues = Readonly<Record<string, string>>;

/** A form that is filled in before an action is planned. Whatever is wrong with a value the plan says, as for the command. */
export type Form = {
  readonly fields: readonly {readonly id: string; readonly label: string; readonly help: string}[];
  /** What the fields hold at first, those left out that it does not ask for, and the key of the row; a text says why there is nothing to fill in. */
  readonly begin: (
    context: KeyContext,
    selected: string | undefined,
  ) => {row: string; about?: string; values: FormValues} | string;
  /** What is planned; a text says what is missing. `begun`: what the fields held at first. */
  readonly submit: (values: FormValues, row: string, begun: FormValues) => Submitted | string;
};

type Submitted = {readonly target: Target; readonly options: ActionOptions};

const REASON = {id: 'reason', label: 'reason', help: 'why, which the audit log keeps'} as const;

const rows = (schema: string, name: string, key: string): Target => ({kind: 'rows', schema, name, keys: [key]});

/** The values that were typed, without those that are empty. */
const given = (values: FormValues): FormValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));

const yes = (text: string): boolean | undefined =>
  /^(y|yes|true)$/i.test(text.trim()) ? true : /^(n|no|false)$/i.test(text.trim()) ? false : undefined;

const ofStrategy: Form = {
  fields: [
    {id: 'strategy', label: 'strategy', help: 'its name in strategy_engine.strategies'},
    {...REASON, help: 'why, which services and the audit log are told; may be left out'},
  ],
  begin: (context, selected) => ({row: '', values: {strategy: strategyOfRow(context, selected) ?? '', reason: ''}}),
  submit: ({strategy = '', reason = ''}) =>
    strategy === '' ? 'name the strategy' : {target: {kind: 'strategy', name: strategy}, options: {edit: {reason}}},
};

const ofQuarantine: Form = {
  fields: [REASON],
  begin: (context, selected) => {
    const row = rowOfKind(context, selected, 'sync', 'quarantine');
    return row === undefined ? 'select an event in quarantine in Sync' : {row, values: {reason: ''}};
  },
  submit: ({reason = ''}, row) =>
    reason.trim() === '' ? 'say why' : {target: rows('analytics', 'sync_quarantine', row), options: {edit: {reason}}},
};

type Field = Form['fields'][number];

/** A kind of limit as its forms take it: its rows in Risk, its table, and its numbers with the columns that hold them. */
type LimitKind = {
  readonly row: string;
  readonly table: string;
  readonly none: string;
  readonly numbers: readonly (Field & {readonly column: string})[];
};

const RISK_LIMIT: LimitKind = {
  row: 'limit',
  table: 'risk_limits',
  none: 'select a limit in Risk',
  numbers: [
    {
      id: 'limit',
      label: 'limit',
      column: 'limit_value',
      help: 'above 0, with up to 4 digits after the decimal point',
    },
  ],
};

const POSITION_LIMIT: LimitKind = {
  row: 'position',
  table: 'position_limits',
  none: 'select a position limit in Risk',
  numbers: [
    {
      id: 'quantity',
      label: 'quantity',
      column: 'max_quantity',
      help: 'the most shares or contracts of the symbol, above 0; empty: no such limit',
    },
    {id: 'limit', label: 'value', column: 'max_value', help: 'the most money, above 0; empty: no such limit'},
  ],
};

const WARN_HELP = 'the fraction of the limit from which on it warns, above 0 and up to 1';

const setLimit = ({row: kind, table, none, numbers}: LimitKind): Form => ({
  fields: [
    ...numbers,
    {id: 'warn', label: 'warns from', help: WARN_HELP},
    {id: 'enabled', label: 'enabled', help: 'yes, or no: it is not watched'},
  ],
  begin: (context, selected) => {
    const row = rowOfKind(context, selected, 'risk', kind);
    const now = row === undefined ? undefined : context.viewport.values('risk', `${kind} ${row}`);
    if (row === undefined || now === undefined) return none;
    const amounts = Object.fromEntries(numbers.map(({id, column}) => [id, `${now[column] ?? ''}`]));
    const about = `${now.what}, ${now.owner}`;
    return {
      row,
      about,
      values: {...amounts, warn: `${now.warn_fraction}`, enabled: now.enabled === false ? 'no' : 'yes'},
    };
  },
  submit: (values, row, begun) => {
    const on = yes(values.enabled ?? '');
    if (on === undefined) return 'enabled is yes or no';
    const typed = [...numbers.map(({id}) => id), 'warn'].filter(id => values[id] !== begun[id]);
    const edit = {
      ...Object.fromEntries(typed.map(id => [id, values[id]?.trim() || 'none'])),
      ...(on === yes(begun.enabled ?? '') ? {} : {enabled: on}),
    };
    if (Object.keys(edit).length === 0) return 'nothing is changed';
    return {target: rows('risk_management', table, row), options: {edit}};
  },
});

const TYPE = {
  id: 'limitType',
  label: 'type',
  help: 'max_position_value, max_exposure, max_daily_loss, max_orders_per_minute, …',
};

const newLimit = ({row: kind, table, numbers}: LimitKind, more: readonly Field[]): Form => {
  const fields = [
    ...more,
    {id: 'account', label: 'account', help: 'empty: all of them'},
    {id: 'strategy', label: 'strategy', help: 'empty: all of them'},
    {id: 'symbol', label: 'symbol', help: 'empty: all of them'},
    ...numbers,
    {id: 'warn', label: 'warns from', help: 'the fraction of the limit from which on it warns; 0.8 where it is empty'},
  ];
  return {
    fields,
    begin: ({state, viewport}, selected) => {
      const row = state.ui.focus === 'risk' && selected !== undefined ? viewport.values('risk', selected) : undefined;
      const text = (id: string): string => (typeof row?.[id] === 'string' ? row[id] : '');
      const like: FormValues = {
        limitType: row?.kind === kind ? text('what') : '',
        account: text('account_id'),
        strategy: text('strategy'),
        symbol: text('symbol'),
      };
      return {row: '', values: Object.fromEntries(fields.map(({id}) => [id, like[id] ?? '']))};
    },
    submit: values => ({target: rows('risk_management', table, NEW_LIMIT), options: {edit: given(values)}}),
  };
};

/** The selected row is the setting that was chosen; the key of a new one is typed. */
const setConfig: Form = {
  fields: [
    {id: 'key', label: 'setting', help: 'its key, with a dot as a rule: strategy.max_orders'},
    {id: 'value', label: 'value', help: 'JSON: true, 5, {"a": 1}, "text" in its quotes'},
    {id: 'description', label: 'description', help: 'what it is for; empty: it stays as it is'},
  ],
  begin: ({state}, selected = '') => ({row: selected, values: settingValues(state, selected)}),
  submit: ({key, value = '', description = ''}, row, begun) => {
    const isNew = key !== undefined;
    const name = isNew ? key.trim() : row;
    if (name === '') return 'name the setting';
    if (!isNew && value === begun.value && description === '') return 'nothing is changed';
    const wrong = wrongSetting(name, value);
    if (wrong !== undefined) return wrong;
    const edit = {value, create: isNew, ...(description === '' ? {} : {description})};
    return {target: rows('shared', 'system_config', name), options: {edit}};
  },
};

const readOnly: Form = {
  fields: [REASON],
  begin: ({state}) => ({row: state.ui.readOnly ? 'lift' : 'set', values: {reason: ''}}),
  submit: ({reason = ''}, row) =>
    reason.trim() === '' ? 'say why' : {target: {kind: 'database'}, options: {edit: {reason, readOnly: row === 'set'}}},
};

const FORMS: Readonly<Record<string, Form>> = {
  'halt-strategy': ofStrategy,
  'resume-strategy': ofStrategy,
  'accept-quarantine': ofQuarantine,
  'reject-quarantine': ofQuarantine,
  'set-limit': setLimit(RISK_LIMIT),
  'set-position-limit': setLimit(POSITION_LIMIT),
  'new-limit': newLimit(RISK_LIMIT, [TYPE]),
  'new-position-limit': newLimit(POSITION_LIMIT, []),
  'set-config': setConfig,
  'read-only': readOnly,
};

/** The form of an action, by its id; undefined: it is planned without one. */
export const formOf = (actionId: string): Form | undefined => FORMS[actionId];
