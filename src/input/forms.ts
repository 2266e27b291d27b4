import type {ActionOptions} from '../actions/plan.ts';
import type {Target} from '../actions/target.ts';
import type {KeyContext} from './handler.ts';
import {rowOfKind, strategyOfRow} from './row-places.ts';

/** What the fields of a form hold, by their ids. */
type FormValues = Readonly<Record<string, string>>;

/** A form that is filled in before an action is planned. Whatever is wrong with a value the plan says, as for the command. */
export type Form = {
  readonly fields: readonly {readonly id: string; readonly label: string; readonly help: string}[];
  /** What the fields hold at first, and the key of the row; a text says why there is nothing to fill in. */
  readonly begin: (context: KeyContext, selected: string | undefined) => {row: string; values: FormValues} | string;
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

const setLimit: Form = {
  fields: [
    {id: 'limit', label: 'limit', help: 'above 0, with up to 4 digits after the decimal point'},
    {id: 'warn', label: 'warns from', help: 'the fraction of the limit from which on it warns, above 0 and up to 1'},
    {id: 'enabled', label: 'enabled', help: 'yes, or no: it is not watched'},
  ],
  begin: (context, selected) => {
    const row = rowOfKind(context, selected, 'risk', 'limit');
    const now = row === undefined ? undefined : context.viewport.values('risk', `limit ${row}`);
    if (row === undefined || now === undefined) return 'select a limit in Risk';
    const {limit_value, warn_fraction, enabled} = now;
    return {
      row,
      values: {limit: `${limit_value}`, warn: `${warn_fraction}`, enabled: enabled === false ? 'no' : 'yes'},
    };
  },
  submit: ({limit = '', warn = '', enabled = ''}, row, begun) => {
    const on = yes(enabled);
    if (on === undefined) return 'enabled is yes or no';
    const edit = {
      ...(limit === begun.limit ? {} : {limit}),
      ...(warn === begun.warn ? {} : {warn}),
      ...(on === yes(begun.enabled ?? '') ? {} : {enabled: on}),
    };
    if (Object.keys(edit).length === 0) return 'nothing is changed';
    return {target: rows('risk_management', 'risk_limits', row), options: {edit}};
  },
};

const newLimit: Form = {
  fields: [
    {
      id: 'limitType',
      label: 'type',
      help: 'max_position_value, max_exposure, max_daily_loss, max_orders_per_minute, …',
    },
    {id: 'account', label: 'account', help: 'empty: all of them'},
    {id: 'strategy', label: 'strategy', help: 'empty: all of them'},
    {id: 'symbol', label: 'symbol', help: 'empty: all of them'},
    {id: 'limit', label: 'limit', help: 'above 0, with up to 4 digits after the decimal point'},
    {id: 'warn', label: 'warns from', help: 'the fraction of the limit from which on it warns; 0.8 where it is empty'},
  ],
  begin: ({state, viewport}, selected) => {
    const row = state.ui.focus === 'risk' && selected !== undefined ? viewport.values('risk', selected) : undefined;
    const text = (id: string): string => (typeof row?.[id] === 'string' ? row[id] : '');
    const limitType = row?.kind === 'limit' ? text('what') : '';
    const owner = {account: text('account_id'), strategy: text('strategy'), symbol: text('symbol')};
    return {row: '', values: {limitType, ...owner, limit: '', warn: ''}};
  },
  submit: values => ({target: rows('risk_management', 'risk_limits', 'new'), options: {edit: given(values)}}),
};

const setConfig: Form = {
  fields: [
    {id: 'key', label: 'setting', help: 'its key in shared.system_config, as tradetop config list shows it'},
    {id: 'value', label: 'value', help: 'JSON: true, 5, {"a": 1}, "text" in its quotes'},
    {id: 'description', label: 'description', help: 'empty: it stays as it is'},
    {id: 'create', label: 'new', help: 'yes: the setting does not exist yet'},
  ],
  begin: () => ({row: '', values: {key: '', value: '', description: '', create: 'no'}}),
  submit: ({key = '', value = '', description = '', create = ''}) => {
    if (key.trim() === '') return 'name the setting';
    const edit = {value, create: yes(create) === true, ...(description === '' ? {} : {description})};
    return {target: rows('shared', 'system_config', key.trim()), options: {edit}};
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
  'set-limit': setLimit,
  'new-limit': newLimit,
  'set-config': setConfig,
  'read-only': readOnly,
};

/** The form of an action, by its id; undefined: it is planned without one. */
export const formOf = (actionId: string): Form | undefined => FORMS[actionId];
