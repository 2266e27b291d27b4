import {configEdit} from '../actions/set-config.ts';
import {UserError} from '../core/errors.ts';
import {defineCommand} from './shared/command.ts';
import {CHANGED, listRows, runEdit} from './shared/edit-list.ts';
import {ACTION_FLAGS} from './shared/run-action.ts';

const OF = {name: 'tradetop config', editing: configEdit};

/** `tradetop config`: the settings of the whole system, in shared.system_config. */
export const configCommand = defineCommand({
  name: 'config',
  summary: 'lists and changes the settings of the whole system (shared.system_config)',
  args: 'list | set KEY VALUE',
  words: [1, 3],
  details: [
    'VALUE is JSON: true, 5, \'{"a": 1}\', or a text in its quotes: \'"text"\'. Write -- before one that begins with a dash.',
    'set shows the old value and the new one and asks. It writes only what is still as it was shown: where somebody else',
    'was first, nothing is written, and it says what the value is now, by whom and since when. Who changed what, from',
    'what and to what, is in shared.audit_log. Exit code 1 when it was not written, 2 when it could not be started.',
  ].join('\n'),
  flags: {
    description: {type: 'string', value: 'TEXT', help: 'set: what the setting is for'},
    new: {type: 'boolean', help: 'set: make a setting that is not there yet'},
    ...ACTION_FLAGS,
  },
  run: async ({input, flags, config}) => {
    const [what, key, value] = input;
    if (what === 'list' && key === undefined) {
      return listRows({
        config: config(),
        ...OF,
        columns: [
          ['key', row => row.key],
          ['value', row => row.value],
          ['description', row => row.description],
          ['version', row => row.version],
          CHANGED,
        ],
        none: 'No setting is made.',
        json: flags.json,
      });
    }
    if (what !== 'set' || key === undefined || value === undefined) {
      throw new UserError('tradetop config takes: list, or set KEY VALUE.', 'See tradetop config --help.');
    }
    const {description, new: create = false} = flags;
    const edit = {value, create, ...(description === undefined ? {} : {description})};
    return runEdit({config: config(), ...OF, keys: [key], edit, flags});
  },
});
