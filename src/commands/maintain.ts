import type {Action} from '../actions/action.ts';
import * as registered from '../actions/index.ts';
import type {Target} from '../actions/target.ts';
import {UserError} from '../core/errors.ts';
import {unknownWord} from '../core/nearest.ts';
import {defineCommand, type FlagSpec} from './shared/command.ts';
import {ACTION_FLAGS, runAction, wholeNumber} from './shared/run-action.ts';
import {listMaintenance, scheduleMaintenance} from './shared/run-schedule.ts';

const SEE = 'See tradetop maintain --help.';

// Edits have commands of their own, whose flags say what to write.
const ACTIONS: readonly Action[] = Object.values(registered).filter(a => !a.targets.includes('rows') && !a.inConsole);

/** The flags of all actions; the help of each names its actions. */
const OWN_FLAGS: Readonly<Record<string, FlagSpec>> = Object.fromEntries(
  ACTIONS.flatMap(a => Object.keys(a.flags ?? {})).map(name => {
    const help = ACTIONS.flatMap(a => (a.flags?.[name] ? [`${a.id}: ${a.flags[name].help}`] : [])).join('; ');
    return [name, {type: 'number', value: 'N', help}];
  }),
);

/** `tradetop maintain`: one action on the server, through the same gate as the console's keys. */
export const maintainCommand = defineCommand({
  name: 'maintain',
  summary: 'maintains the database: vacuum, statistics, partitions, archives; by a schedule, too',
  args: 'ACTION [TARGET] | --schedule [--once] | --list',
  words: [0, 2],
  details: [
    'Actions',
    ...ACTIONS.map(a => `  ${a.id.padEnd(20)} ${a.help}`),
    '',
    'TARGET is schema.table, a schema or the database; names are quoted as in SQL. cancel and terminate take process ids:',
    '4121 or 4121,4122; drop-slot the name of a slot; reindex also an index; halt-strategy and resume-strategy the name of a',
    'strategy; close-books the first month that stays open: 2026-08. Without a target',
    'the action takes its usual one. It shows what it will do and asks. Without a terminal it needs --yes; in prod, and for',
    'what is vital to the server, the target’s name must be typed, or given by --confirm in addition to --yes. Prod is',
    'read-only unless --no-read-only or TRADETOP_READ_ONLY=0 is given. Every run is recorded in shared.audit_log, or not',
    'started. Ctrl-C cancels it on the server and waits for its end; a second Ctrl-C stops waiting. Once it runs a hang-up',
    'does not end it: it continues, and its end is recorded.',
    '',
    '--schedule runs the jobs of scheduled maintenance when they are due, until SIGTERM or SIGINT; of several schedulers one',
    'works at a time. It asks nothing, since its settings say what to do. --once runs what is due now, for cron. --dry-run shows',
    'when each job would run, and why; --list what ran last and what comes next. The settings stand in the config file',
    '(schedule), for all hosts in the system setting maintenance.schedule:',
    '  {"timezone": "Europe/London", "jobs": {"vacuum-analyze": {"cron": "30 2 * * *", "windowMinutes": 120, "limitMinutes": 90,',
    '   "jitterMinutes": 10, "graceMinutes": 60, "market": "closed"}, "analyze": {"off": true}},',
    '   "retention": {"logging.performance_logs": 30, "data_ingestion.market_data": 400}}',
    '',
    'Exit code 0 done or dry run, 1 partial, skipped, cancelled or failed, 2 when it could not be started.',
  ].join('\n'),
  flags: {
    reason: {type: 'string', value: 'TEXT', help: 'why, which the audit log keeps'},
    ...ACTION_FLAGS,
    ...OWN_FLAGS,
    schedule: {type: 'boolean', help: 'run scheduled maintenance as a service'},
    once: {type: 'boolean', help: '--schedule: run what is due now, and end'},
    list: {type: 'boolean', help: 'the last and the next run of each scheduled job'},
  },
  run: async ({input, flags, config}) => {
    const [id, name] = input;
    if (flags.schedule || flags.once || flags.list) {
      if (id !== undefined || (flags.list && flags.schedule) || (flags.once && !flags.schedule)) {
        throw new UserError('--schedule and --list take no action, and --once belongs to --schedule.', SEE);
      }
      return flags.list ? listMaintenance(config(), flags) : scheduleMaintenance(config(), flags);
    }
    const action = ACTIONS.find(a => a.id === id);
    if (!action) {
      const ids = ACTIONS.map(a => a.id);
      const all = `Actions: ${ids.join(', ')}. ${SEE}`;
      throw id === undefined ? new UserError('No action was given.', all) : unknownWord('action', id, ids, all);
    }
    return runAction({
      config: config(),
      actionId: action.id,
      name: 'tradetop maintain',
      target: async gate =>
        name === undefined ? usualTarget(action) : (action.readTarget?.(name) ?? gate.find(name, action.id)),
      options: {
        flags: ownFlags(action, flags),
        ...(flags.reason === undefined ? {} : {edit: {reason: String(flags.reason)}}),
      },
      flags,
      service: 'maintain',
    });
  },
});

/** The target of an action where none is named. Throws a UserError where it has no usual one. */
function usualTarget({id, targets, defaultTarget}: Action): Target {
  if (defaultTarget) return defaultTarget;
  if (targets.includes('database')) return {kind: 'database'};
  throw new UserError(`${id} needs to be told what it works on.`, SEE);
}

const ownFlags = (action: Action, given: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(action.flags ?? {}).flatMap(([name, {min, max}]) =>
      given[name] === undefined ? [] : [[name, wholeNumber(name, given[name] as number, min, max)]],
    ),
  );
