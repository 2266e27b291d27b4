import {eventEdit} from '../actions/acknowledge.ts';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import {defineCommand} from './shared/command.ts';
import {listRows, runEdit} from './shared/edit-list.ts';
import {ACTION_FLAGS} from './shared/run-action.ts';

const MAX_EVENTS = 100;
const OF = {name: 'tradetop ack', spec: eventEdit};

/** `tradetop ack`: lists and acknowledges risk events. */
export const ackCommand = defineCommand({
  name: 'ack',
  summary: 'lists the open risk events, and acknowledges them',
  args: 'list | EVENT_ID…',
  words: [1, MAX_EVENTS],
  details: [
    'Shows the events and asks. Each is written in a transaction of its own, with your user and your client; one that somebody',
    'else has acknowledged meanwhile is left as it is, and reported. Every run is recorded in shared.audit_log.',
    'Exit code 1 when not all of them were written, 2 when it could not be started.',
  ].join('\n'),
  flags: {resolved: {type: 'boolean', help: 'mark them as resolved, too'}, ...ACTION_FLAGS},
  run: async ({input, flags, config}) => {
    if (input[0] === 'list' && input.length === 1) {
      return listRows({
        config: config(),
        ...OF,
        columns: [
          ['id', row => row.key],
          ['occurred', row => isoOf(row.occurred_at)],
          ['severity', row => row.severity],
          ['event', row => row.event_type],
          ['account', row => row.account_id],
          ['strategy', row => row.strategy],
          ['symbol', row => row.symbol],
          ['message', row => row.message],
        ],
        none: 'No event is open.',
        json: flags.json,
      });
    }
    const wrong = input.find(id => !/^\d{1,18}$/.test(id));
    if (wrong !== undefined) {
      throw new UserError(`${sanitise(wrong, 40)} is not an event’s id.`, 'See: tradetop ack list');
    }
    const keys = [...new Set(input.map(id => String(BigInt(id))))];
    return runEdit({config: config(), ...OF, keys, edit: {resolve: flags.resolved === true}, flags});
  },
});
