import {configEdit} from '../actions/set-config.ts';
import type {ConfigFlags} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {defineCommand} from './shared/command.ts';
import {CHANGED, listRows, runEdit} from './shared/edit-list.ts';
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
    'order. Settings of the system have a dot in their key and stand in the database; the others are those of this machine.',
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
    if (what === 'list' && key === undefined) {
      return listRows({
        config: config(),
        ...OF,
        also: rows => withSources(rows, config().schedule, flags as ConfigFlags),
        columns: [
          ['key', row => row.key],
          ['value', row => row.value],
          ['source', row => row.source],
          ['description', row => row.description],
          ['version', row => row.version],
          CHANGED,
        ],
        none: 'There is no setting.',
        json: flags.json,
      });
    }
    if (what !== 'set' || key === undefined || value === undefined) {
      throw new UserError(
        'tradetop config takes: list, or set KEY VALUE.',
        didYouMean(what ?? '', ['list', 'set'], 'See tradetop config --help.'),
      );
    }
    const {description, new: create = false} = flags;
    const edit = {value, create, ...(description === undefined ? {} : {description})};
    return runEdit({config: config(), ...OF, keys: [key], edit, flags});
  },
});
