import {configEdit} from '../actions/set-config.ts';
import {LIMITS_KEY, limitsInForce, wrongSystemSetting} from '../alerts/settings.ts';
import type {Config, ConfigFlags} from '../config/config.ts';
import {ofUser, UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {alertLimitsRow} from '../monitor/system-settings.ts';
import {defineCommand} from './shared/command.ts';
import {CHANGED, editable, type ListColumn, printRows, runEdit} from './shared/edit-list.ts';
import {withSources} from './shared/listed-config.ts';
import {ACTION_FLAGS} from './shared/run-action.ts';

const OF = {name: 'tradetop config', spec: configEdit};

/** `tradetop config`: the system settings, in shared.system_config. */
export const configCommand = defineCommand({
  name: 'config',
  summary: 'lists the settings with their sources, and changes those of the system (shared.system_config)',
  args: 'list | set KEY VALUE',
  words: [1, 3],
  details: [
    'list shows what counts and where it is from: a flag, the environment, the config file, the database or the default, in this',
    'order. Where the database is away, it lists the others, says why, and exits with 1. Settings of the system have a dot in their key and stand in the database; the others are those of this machine.',
    'VALUE is JSON: true, 5, \'{"a": 1}\', or a text in its quotes: \'"text"\'. Write -- before one that begins with a dash.',
    'set shows the old and the new value and asks. It writes only while the setting is as it was shown: where somebody else',
    'changed it meanwhile, nothing is written, and it reports the value, who changed it and when. shared.audit_log records',
    'every change with its old and new value. Exit code 1 when it was not written, 2 when it could not be started.',
  ].join('\n'),
  flags: {
    description: {type: 'string', value: 'TEXT', help: 'set: what the setting is for'},
    new: {type: 'boolean', help: 'set: create a setting that does not exist'},
    ...ACTION_FLAGS,
  },
  run: async ({input, flags, config}) => {
    const [what, key, value] = input;
    if (what === 'list' && key === undefined) return list(config(), flags as ConfigFlags, flags.json);
    if (what !== 'set' || key === undefined || value === undefined) {
      throw new UserError(
        'tradetop config takes: list, or set KEY VALUE.',
        didYouMean(what ?? '', ['list', 'set'], 'See tradetop config --help.'),
      );
    }
    const wrong = wrongSystemSetting(key, value);
    if (wrong !== undefined) throw new UserError(`${wrong}.`, 'See: tradetop alerts limits');
    const {description, new: create = false} = flags;
    const edit = {value, create, ...(description === undefined ? {} : {description})};
    return runEdit({config: config(), ...OF, keys: [key], edit, flags});
  },
});

const COLUMNS: readonly ListColumn[] = [
  ['key', row => row.key],
  ['value', row => row.value],
  ['source', row => row.source],
  ['description', row => row.description],
  ['version', row => row.version],
  CHANGED,
];

/** Lists every setting with its source. Gives 1 where the database's are unknown or wrong. */
async function list(config: Config, flags: ConfigFlags, json: boolean | undefined): Promise<number> {
  const read = await editable(config, OF.name, OF.spec).catch(ofUser);
  const rows = read instanceof UserError ? undefined : read;
  printRows(withSources(rows, config, flags), {columns: COLUMNS, none: 'There is no setting.', json});
  const limits = rows?.find(row => row.key === LIMITS_KEY);
  const wrong = limits === undefined ? [] : limitsInForce(config.alerts, [alertLimitsRow(String(limits.value))]).wrong;
  for (const what of wrong) process.stderr.write(`Not used: ${what}\n`);
  if (!(read instanceof UserError)) return wrong.length > 0 ? 1 : 0;
  process.stderr.write(`The settings in the database are unknown: ${sanitise(read.message)}\n`);
  if (read.next !== '') process.stderr.write(`  ${sanitise(read.next)}\n`);
  return 1;
}
