import {NEW_LIMIT, newLimitAction} from '../actions/new-limit.ts';
import {limitEdit, limitWords} from '../actions/set-limit.ts';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {defineCommand} from './shared/command.ts';
import {CHANGED, editable, listRows, runEdit} from './shared/edit-list.ts';
import {ACTION_FLAGS, type ActionFlags, runAction} from './shared/run-action.ts';

const OF = {name: 'tradetop limit', spec: limitEdit};

/** `tradetop limit`: the risk limits, in risk_management.risk_limits. */
export const limitCommand = defineCommand({
  name: 'limit',
  summary: 'lists, changes and makes the risk limits',
  args: 'list | set ID|TYPE | new TYPE',
  words: [1, 2],
  details: [
    'A limit is named by its id, or by its type where only one limit has it. set shows what it will change and asks.',
    'It writes only while the limit is as it was shown: where somebody else changed it meanwhile, nothing is written, and',
    'it reports the limit, who changed it and when. shared.audit_log records every change with its old and new values.',
    'Exit code 1 when it was not written, 2 when it could not be started.',
  ].join('\n'),
  flags: {
    value: {
      type: 'string',
      value: 'N',
      help: 'set, new: the limit, above 0, with up to 4 digits after the decimal point',
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
    const [what, name] = input;
    if (what === 'list' && name === undefined) {
      return listRows({
        config: config(),
        ...OF,
        columns: [
          ['id', row => row.key],
          ['limit', limitWords],
          ['value', row => row.limit_value],
          ['warns from', row => row.warn_fraction],
          ['enabled', row => (row.enabled ? 'yes' : 'no')],
          ['version', row => row.version],
          CHANGED,
        ],
        none: 'There is no risk limit.',
        json: flags.json,
      });
    }
    if (what === 'new' && name !== undefined) return makeLimit(config(), name, flags);
    if (what !== 'set' || name === undefined) {
      throw new UserError(
        'tradetop limit takes: list, set ID|TYPE, or new TYPE.',
        didYouMean(what ?? '', ['list', 'set', 'new'], 'See tradetop limit --help.'),
      );
    }
    if (flags.enable && flags.disable) throw new UserError('Give --enable or --disable, not both.');
    const key = await idOf(config(), name);
    const edit = {
      ...(flags.value === undefined ? {} : {limit: flags.value}),
      ...(flags.warn === undefined ? {} : {warn: flags.warn}),
      ...(flags.enable || flags.disable ? {enabled: flags.enable === true} : {}),
    };
    return runEdit({config: config(), ...OF, keys: [key], edit, flags});
  },
});

type NewFlags = ActionFlags & {
  readonly value?: string;
  readonly warn?: string;
  readonly account?: string;
  readonly strategy?: string;
  readonly symbol?: string;
};

function makeLimit(config: Config, limitType: string, flags: NewFlags): Promise<number> {
  const {value, warn, account, strategy, symbol} = flags;
  const given = Object.entries({limit: value, warn, account, strategy, symbol}).filter(
    ([, text]) => text !== undefined,
  );
  return runAction({
    config,
    actionId: newLimitAction.id,
    name: OF.name,
    target: async () => ({kind: 'rows', schema: limitEdit.schema, name: limitEdit.name, keys: [NEW_LIMIT]}),
    options: {edit: {limitType, ...Object.fromEntries(given)}},
    flags,
  });
}

async function idOf(config: Config, name: string): Promise<string> {
  if (/^\d{1,18}$/.test(name)) return name;
  const all = await editable(config, OF.name, OF.spec);
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
