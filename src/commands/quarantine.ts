import {quarantineRows} from '../actions/quarantine-decision.ts';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import {defineCommand} from './shared/command.ts';
import {listRows} from './shared/edit-list.ts';
import {ACTION_FLAGS, runAction} from './shared/run-action.ts';

const MAX_EVENTS = 101;
const ACTIONS: Readonly<Record<string, string>> = {accept: 'accept-quarantine', reject: 'reject-quarantine'};

/** `tradetop quarantine`: the events that could not be applied, and what becomes of each. */
export const quarantineCommand = defineCommand({
  name: 'quarantine',
  summary: 'lists the events in quarantine, and accepts or rejects them one by one',
  args: 'list | accept ID… | reject ID…',
  words: [1, MAX_EVENTS],
  details: [
    'accept: the event counts. Where it contradicts its row the row becomes what the event says; a time ahead of the clock is',
    'taken. reject: it never counts, however often it comes. Both take the reason, and record it with your user and client.',
    'To apply again what was mended meanwhile: tradetop maintain retry-quarantine.',
    'Exit code 1 when not all were decided, 2 when it could not be started.',
  ].join('\n'),
  flags: {reason: {type: 'string', value: 'TEXT', help: 'why, which the records keep'}, ...ACTION_FLAGS},
  run: async ({input, flags, config}) => {
    const [what = '', ...ids] = input;
    if (what === 'list' && ids.length === 0) {
      return listRows({
        config: config(),
        name: 'tradetop quarantine',
        spec: quarantineRows,
        columns: [
          ['id', row => row.key],
          ['since', row => isoOf(row.first_at)],
          ['kind', row => row.kind],
          ['event', row => row.event_key],
          ['reason', row => row.reason],
          ['attempts', row => row.attempts],
        ],
        none: 'The quarantine is empty.',
        json: flags.json,
      });
    }
    const actionId = ACTIONS[what];
    if (actionId === undefined || ids.length === 0) {
      throw new UserError(
        'tradetop quarantine takes: list, accept ID…, or reject ID….',
        didYouMean(what, ['list', 'accept', 'reject'], 'See tradetop quarantine --help.'),
      );
    }
    const wrong = ids.find(id => !/^\d{1,18}$/.test(id));
    if (wrong !== undefined)
      throw new UserError(`${sanitise(wrong, 40)} is not an event’s id.`, 'See: tradetop quarantine list');
    const {schema, name} = quarantineRows;
    return runAction({
      config: config(),
      actionId,
      name: 'tradetop quarantine',
      target: async () => ({kind: 'rows', schema, name, keys: [...new Set(ids)]}),
      options: {edit: flags.reason === undefined ? {} : {reason: flags.reason}},
      flags,
    });
  },
});
