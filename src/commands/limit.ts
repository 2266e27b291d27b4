import {NEW_LIMIT, newLimitAction} from '../actions/new-limit.ts';
import {newPositionLimitAction} from '../actions/new-position-limit.ts';
import {limitEdit, limitWords} from '../actions/set-limit.ts';
import {positionLimitEdit, positionLimitWords} from '../actions/set-position-limit.ts';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {defineCommand} from './shared/command.ts';
import {CHANGED, editable, type ListColumn, listRows, runEdit} from './shared/edit-list.ts';
import {ACTION_FLAGS, type ActionFlags, runAction} from './shared/run-action.ts';

const NAME = 'tradetop limit';

const COMMON: readonly ListColumn[] = [
  ['warns from', row => row.warn_fraction],
  ['enabled', row => (row.enabled ? 'yes' : 'no')],
  ['version', row => row.version],
  CHANGED,
];

/** The limits of risk. */
const RISK = {
  spec: limitEdit,
  newId: newLimitAction.id,
  columns: [['id', row => row.key], ['limit', limitWords], ['value', row => row.limit_value], ...COMMON],
  none: 'There is no risk limit.',
} as const satisfies Kind;

/** The limits of positions. */
const POSITION = {
  spec: positionLimitEdit,
  newId: newPositionLimitAction.id,
  columns: [
    ['id', row => row.key],
    ['limit', positionLimitWords],
    ['quantity', row => row.max_quantity],
    ['held', row => row.used_quantity],
    ['value', row => row.max_value],
    ['held', row => row.used_value],
    ...COMMON,
  ],
  none: 'There is no position limit.',
} as const satisfies Kind;

type Kind = {
  readonly spec: typeof limitEdit;
  readonly newId: string;
  readonly columns: readonly ListColumn[];
  readonly none: string;
};

/** `tradetop limit`: the risk limits, in risk_management.risk_limits, and the position limits, in position_limits. */
export const limitCommand = defineCommand({
  name: 'limit',
  summary: 'lists, changes and makes the limits of risk, and with position those of positions',
  args: 'list [position] | set ID|TYPE | set position ID | new TYPE|position',
  words: [1, 3],
  details: [
    'A limit is named by its id, or by its type where only one limit has it. set shows what it will change and asks.',
    'It writes only while the limit is as it was shown: where somebody else changed it meanwhile, nothing is written, and',
    'it reports the limit, who changed it and when. shared.audit_log records every change with its old and new values.',
    'A position limit is of an account, a strategy, a symbol or several of these: tradetop limit new position --account ACC-1',
    '--symbol AAPL --quantity 500. Exit code 1 when it was not written, 2 when it could not be started.',
  ].join('\n'),
  flags: {
    value: {
      type: 'string',
      value: 'N',
      help: 'set, new: the limit, above 0, with up to 4 digits after the decimal point; position: the most money, or none',
    },
    quantity: {
      type: 'string',
      value: 'N',
      help: 'position: the most shares or contracts of its symbol, above 0, or none',
    },
    warn: {
      type: 'string',
      value: 'F',
      help: 'set, new: the fraction of the limit from which on it warns, above 0, up to 1',
    },
    enable: {type: 'boolean', help: 'set: enable the limit'},
    disable: {type: 'boolean', help: 'set: disable the limit'},
    account: {type: 'string', value: 'ID', help: 'new: the account; default: all'},
    strategy: {type: 'string', value: 'NAME', help: 'new: the strategy; default: all'},
    symbol: {type: 'string', value: 'NAME', help: 'new: the symbol; default: all'},
    ...ACTION_FLAGS,
  },
  run: async ({input, flags, config}) => {
    const [what, ...rest] = input;
    const isPosition = rest[0] === 'position';
    const kind = isPosition ? POSITION : RISK;
    const [name, more] = isPosition ? rest.slice(1) : rest;
    if (what === 'list' && name === undefined)
      return listRows({config: config(), name: NAME, ...kind, json: flags.json});
    const isNew = what === 'new' && (name === undefined) === isPosition;
    if ((!isNew && (what !== 'set' || name === undefined)) || more !== undefined) {
      throw new UserError(
        'tradetop limit takes: list, set ID|TYPE, or new TYPE; of positions list position, set position ID, or new position.',
        didYouMean(what ?? '', ['list', 'set', 'new'], 'See tradetop limit --help.'),
      );
    }
    if (!isPosition && flags.quantity !== undefined)
      throw new UserError('--quantity is of position limits.', 'See: tradetop limit list position');
    if (isNew) return makeLimit(config(), kind, name, flags);
    if (flags.enable && flags.disable) throw new UserError('Give --enable or --disable, not both.');
    const key = isPosition ? String(name) : await idOf(config(), String(name));
    const edit = {
      ...typed(flags),
      ...(flags.enable || flags.disable ? {enabled: flags.enable === true} : {}),
    };
    return runEdit({config: config(), name: NAME, spec: kind.spec, keys: [key], edit, flags});
  },
});

type LimitFlags = ActionFlags & {
  readonly value?: string;
  readonly quantity?: string;
  readonly warn?: string;
  readonly account?: string;
  readonly strategy?: string;
  readonly symbol?: string;
};

const isGiven = ([, text]: readonly [string, string | undefined]): boolean => text !== undefined;

/** The numbers that were given, as an edit names them. */
const typed = (flags: LimitFlags) =>
  Object.fromEntries(Object.entries({limit: flags.value, quantity: flags.quantity, warn: flags.warn}).filter(isGiven));

function makeLimit(
  config: Config,
  {spec, newId}: Kind,
  limitType: string | undefined,
  flags: LimitFlags,
): Promise<number> {
  const {account, strategy, symbol} = flags;
  const owner = Object.fromEntries(Object.entries({limitType, account, strategy, symbol}).filter(isGiven));
  return runAction({
    config,
    actionId: newId,
    name: NAME,
    target: async () => ({kind: 'rows', schema: spec.schema, name: spec.name, keys: [NEW_LIMIT]}),
    options: {edit: {...owner, ...typed(flags)}},
    flags,
  });
}

async function idOf(config: Config, name: string): Promise<string> {
  if (/^\d{1,18}$/.test(name)) return name;
  const all = await editable(config, NAME, RISK.spec);
  const found = all.filter(row => row.limit_type === name);
  if (found.length === 1) return String(found[0]?.key);
  throw new UserError(
    found.length === 0
      ? `There is no limit ${sanitise(name, 80)}.`
      : `${sanitise(name, 80)} is the type of ${found.length} limits.`,
    found.length === 0
      ? 'See: tradetop limit list'
      : `Name one by its id: ${found.map(row => `${row.key} (${limitWords(row)})`).join('; ')}.`,
  );
}
