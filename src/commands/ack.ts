import {eventEditing} from '../actions/acknowledge.ts';
import * as edits from '../actions/edits.ts';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, parseMicros} from '../core/time.ts';
import {defineCommand} from './command.ts';
import {editable, rowsJson, rowsTable} from './edit-list.ts';
import {ACTION_FLAGS, runAction} from './run-action.ts';

const MOST = 100;

/** `tradetop ack`: who has seen the risk events. */
export const command = defineCommand({
  name: 'ack',
  summary: 'lists the risk events that nobody has seen, and acknowledges them',
  args: 'list | EVENT_ID…',
  words: [1, MOST],
  details: [
    'It shows the events and asks. Each is written by itself, with who you are and where you sit; one that somebody else has',
    'acknowledged meanwhile stays theirs, and it says whose. Every run is in shared.audit_log.',
    'Exit code 1 when not all of them were written, 2 when it could not be started.',
  ].join('\n'),
  flags: {resolved: {type: 'boolean', help: 'that the matter is settled, too'}, ...ACTION_FLAGS},
  run: async ({input, flags, config}) => {
    if (input[0] === 'list' && input.length === 1) {
      const rows = await editable(config(), 'tradetop ack', eventEditing);
      const columns = [
        ['id', row => row.key],
        ['occurred', row => isoMicros(parseMicros(String(row.occurred_at)) ?? 0)],
        ['severity', row => row.severity],
        ['event', row => row.event_type],
        ['account', row => row.account_id],
        ['strategy', row => row.strategy],
        ['symbol', row => row.symbol],
        ['message', row => row.message],
      ] as const satisfies Parameters<typeof rowsTable>[1];
      process.stdout.write(`${flags.json ? rowsJson(rows) : rowsTable(rows, columns, 'No event is open.')}\n`);
      return 0;
    }
    const wrong = input.find(id => !/^\d{1,18}$/.test(id));
    if (wrong !== undefined) {
      throw new UserError(`${sanitise(wrong, 40)} is not an event’s id.`, 'See: tradetop ack list');
    }
    return runAction({
      config: config(),
      actions: Object.values(edits),
      actionId: edits.acknowledge.id,
      name: 'tradetop ack',
      target: async () => ({
        kind: 'rows',
        schema: eventEditing.schema,
        name: eventEditing.name,
        keys: [...new Set(input.map(id => String(BigInt(id))))],
      }),
      options: {edit: {resolve: flags.resolved === true}},
      flags,
    });
  },
});
