import type {Action, ActionOptions, Outcome, Plan, Progress} from '../actions/action.ts';
import {createGate, type Gate} from '../actions/gate.ts';
import * as registered from '../actions/index.ts';
import type {Config} from '../config.ts';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {loadSql} from '../io/sql.ts';
import {type Asked, confirmed} from './ask-confirm.ts';
import {defineCommand} from './command.ts';
import {maintainJson, outcomeLines, planLines, progressLine} from './maintain-report.ts';

const ACTIONS: readonly Action[] = Object.values(registered);

/** `tradetop maintain`: one action on the server, through the same gate as the console's keys. */
export const command = defineCommand({
  name: 'maintain',
  summary: 'maintains the database: vacuum, statistics, partitions, archives',
  args: 'ACTION [TARGET]',
  words: [0, 2],
  details: [
    'Actions',
    ...ACTIONS.map(a => `  ${a.id.padEnd(20)} ${a.help}`),
    '',
    'TARGET is schema.table, a schema or the database; names are quoted as in SQL. Without one: all that the action',
    'is for. It shows what it will do and asks. Where nobody can be asked it needs --yes; in prod the target’s name',
    'must be typed, or given by --confirm beside --yes. Prod is read-only unless --no-read-only (or',
    'TRADETOP_READ_ONLY=0) says otherwise. Every run is written to shared.audit_log, or not started. Ctrl-C cancels',
    'it on the server and waits for its end; a second one stops waiting. A hang-up does not end it: it works on and',
    'its end is written down.',
    'Exit code 0 done or dry run, 1 partial, skipped, cancelled or failed, 2 when it could not be started.',
  ].join('\n'),
  flags: {
    dryRun: {type: 'boolean', help: 'tell what would be done, and do nothing'},
    yes: {type: 'boolean', help: 'do not ask'},
    confirm: {type: 'string', value: 'NAME', help: 'the target’s name, needed beside --yes in prod'},
    json: {type: 'boolean', help: 'one JSON document'},
    lockMs: {type: 'number', value: 'N', help: 'longest wait for a lock, in milliseconds (2000)'},
    days: {type: 'number', value: 'N', help: 'archive-logs: older than so many days (30)'},
    months: {type: 'number', value: 'N', help: 'create-partitions: so many months ahead (6)'},
  },
  run: async ({input, flags, config: read}) => {
    const [id, name] = input;
    const action = ACTIONS.find(a => a.id === id);
    if (!action) {
      const what = id === undefined ? 'No action is named.' : `There is no action ${sanitise(id, 80)}.`;
      throw new UserError(what, `Actions: ${ACTIONS.map(a => a.id).join(', ')}. See tradetop maintain --help.`);
    }
    const options: ActionOptions = {
      ...(flags.days === undefined ? {} : {olderThanDays: whole('days', flags.days, 1, 36_500)}),
      ...(flags.months === undefined ? {} : {monthsAhead: whole('months', flags.months, 1, 120)}),
    };
    const config = read();
    const gate = createGate({
      config,
      sql: loadSql(),
      actions: ACTIONS,
      name: 'tradetop maintain',
      lockMs: flags.lockMs === undefined ? 2000 : whole('lock-ms', flags.lockMs, 1, 3_600_000),
      // A dry run changes nothing, so it may be had in read-only.
      ...(flags.dryRun ? {readOnly: () => false} : {}),
    });
    const hangUp = () => {};
    process.on('SIGHUP', hangUp);
    process.stderr.on('error', hangUp);
    try {
      const target =
        name === undefined ? (action.defaultTarget ?? ({kind: 'database'} as const)) : await gate.find(name);
      const plan = await gate.plan(action.id, target, options);
      return await proceed(gate, plan, config, flags);
    } finally {
      process.off('SIGHUP', hangUp);
      await gate.close();
    }
  },
});

type Flags = {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly json?: boolean;
};

async function proceed(gate: Gate, plan: Plan, config: Config, flags: Flags): Promise<number> {
  const say = (lines: readonly string[]) => process.stderr.write(`${lines.join('\n')}\n`);
  const print = (text: string) => process.stdout.write(`${text}\n`);
  if (plan.refusal !== undefined) {
    if (flags.json) print(maintainJson(plan, refusedBy(plan)));
    throw new UserError(plan.refusal);
  }
  if (flags.dryRun) {
    print(flags.json ? maintainJson(plan, dryRun(plan)) : planLines(plan, config).join('\n'));
    return 0;
  }
  const asked: Asked = {plan, environment: config.environment, yes: flags.yes ?? false, confirm: flags.confirm};
  const answer = await confirmed(asked, () => say(planLines(plan, config)));
  if (!answer) {
    const outcome: Outcome = {
      ...dryRun(plan),
      outcome: 'cancelled',
      summary: sanitise('Not confirmed: nothing was done.'),
    };
    if (flags.json) print(maintainJson(plan, {...outcome, sql: []}));
    say([outcome.summary]);
    return 1;
  }
  const outcome = await runWatched(gate, plan);
  if (flags.json) print(maintainJson(plan, outcome));
  if (outcome.refused) throw new UserError(outcome.summary);
  if (flags.json) say([outcome.summary]);
  else print(outcomeLines(outcome).join('\n'));
  return outcome.outcome === 'done' ? 0 : 1;
}

/** Runs it; its progress goes to stderr, Ctrl-C and SIGTERM cancel it on the server. */
async function runWatched(gate: Gate, plan: Plan): Promise<Outcome> {
  const abort = new AbortController();
  const {promise: leave, reject} = Promise.withResolvers<never>();
  const cancel = () => {
    if (abort.signal.aborted) {
      reject(new UserError('Not waited for: it may work on.', `See shared.audit_log for its end.`, 1));
    }
    process.stderr.write('\nCancelling on the server …\n');
    abort.abort();
  };
  let last = '';
  const onProgress = (progress: Progress) => {
    const line = progressLine(progress);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    else if (step(progress) !== last) process.stderr.write(`${line}\n`);
    last = step(progress);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, cancel);
  try {
    return await Promise.race([gate.run(plan, {signal: abort.signal, onProgress}), leave]);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, cancel);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  }
}

// Without a terminal a line is worth it when another step begins, or somebody else begins to hold it up.
const step = (p: Progress): string => [p.step, ...p.blockers.map(b => b.replace(/ for .*/, ''))].join(' ');

const dryRun = (plan: Plan): Outcome => ({
  outcome: 'dry_run',
  summary: sanitise('Nothing was done.'),
  sql: plan.sql,
  ms: 0,
  rows: undefined,
  notices: [],
  auditId: undefined,
});

const refusedBy = (plan: Plan): Outcome => ({
  ...dryRun(plan),
  outcome: 'failed',
  sql: [],
  summary: plan.refusal ?? sanitise(''),
});

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`--${name} must be a whole number from ${least} to ${most}.`);
}
