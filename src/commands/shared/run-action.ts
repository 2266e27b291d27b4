import {createGate, type Gate} from '../../actions/gate.ts';
import * as actions from '../../actions/index.ts';
import type {ActionOptions, Outcome, Plan, Progress} from '../../actions/plan.ts';
import type {Target} from '../../actions/target.ts';
import {openProgramLog} from '../../app/program-log.ts';
import type {Config} from '../../config/config.ts';
import {UserError} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import {onSignals} from '../../io/signals.ts';
import {loadSql} from '../../io/sql.ts';
import {type Asked, confirmed} from './ask-confirm.ts';
import type {FlagSpec} from './command.ts';
import {maintainJson, outcomeLines, planLines, progressLine} from './maintain-report.ts';

/** The flags of every command that runs an action. */
export const ACTION_FLAGS = {
  dryRun: {type: 'boolean', help: 'show what would be done, and do nothing'},
  yes: {type: 'boolean', help: 'do not ask'},
  confirm: {type: 'string', value: 'NAME', help: 'the target’s name, needed in addition to --yes in prod'},
  json: {type: 'boolean', help: 'one JSON document'},
  lockMs: {type: 'number', value: 'N', help: 'lock timeout, in milliseconds (2000)'},
} as const satisfies Readonly<Record<string, FlagSpec>>;

export type ActionFlags = {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly json?: boolean;
  readonly lockMs?: number;
};

export type ActionRun = {
  readonly config: Config;
  readonly actionId: string;
  /** The application name of the connection: `tradetop maintain`. */
  readonly name: string;
  readonly target: (gate: Gate) => Promise<Target>;
  readonly options: ActionOptions;
  readonly flags: ActionFlags;
  /** The service under which the end stands in logging.system_logs. Default: it stands in the audit log alone. */
  readonly service?: string;
};

/**
 * Runs one action through the gate: shows the plan, asks, runs it and prints how it ended. Gives the exit code; throws a
 * UserError where it could not be started. Once it runs, a hang-up (SIGHUP) does not end it.
 */
export async function runAction({config, actionId, name, target, options, flags, service}: ActionRun): Promise<number> {
  const gate = createGate({
    config,
    sql: loadSql(),
    actions: Object.values(actions),
    name,
    lockMs: flags.lockMs === undefined ? 2000 : wholeNumber('lock-ms', flags.lockMs, 1, 3_600_000),
    // A dry run changes nothing, so read-only allows it.
    ...(flags.dryRun ? {readOnly: () => false} : {}),
  });
  try {
    const plan = await gate.plan(actionId, await target(gate), options);
    return await proceed(gate, plan, config, {...flags, service});
  } finally {
    await gate.close();
  }
}

type Told = ActionFlags & Pick<ActionRun, 'service'>;

async function proceed(gate: Gate, plan: Plan, config: Config, flags: Told): Promise<number> {
  const say = (lines: readonly string[]) => process.stderr.write(`${lines.join('\n')}\n`);
  const print = (text: string) => process.stdout.write(`${text}\n`);
  if (plan.refusal !== undefined) {
    if (flags.json) print(maintainJson(plan, refusedBy(plan)));
    throw new UserError(plan.refusal);
  }
  if (flags.dryRun) {
    const {changes} = plan;
    const planned = {...dryRun(plan), ...(changes ? {changes} : {})};
    print(flags.json ? maintainJson(plan, planned) : planLines(plan, config).join('\n'));
    return 0;
  }
  const asked: Asked = {plan, environment: config.environment, yes: flags.yes ?? false, confirm: flags.confirm};
  const answer = await confirmed(asked, () => say(planLines(plan, config)));
  if (!answer) {
    const outcome: Outcome = {
      ...dryRun(plan),
      outcome: 'cancelled',
      summary: sanitise('Not confirmed: nothing was changed.'),
    };
    if (flags.json) print(maintainJson(plan, {...outcome, sql: []}));
    say([outcome.summary]);
    return 1;
  }
  const outcome = await runWatched(gate, plan);
  if (flags.service !== undefined && !outcome.refused) await logOutcome(config, flags.service, plan, outcome);
  if (flags.json) print(maintainJson(plan, outcome));
  if (outcome.refused) throw new UserError(outcome.summary);
  if (flags.json) say([outcome.summary]);
  else print(outcomeLines(outcome).join('\n'));
  return outcome.outcome === 'done' ? 0 : 1;
}

/** Writes how an action ended to logging.system_logs, where this user may; it waits for that for at most two seconds. */
async function logOutcome(config: Config, service: string, plan: Plan, ended: Outcome): Promise<void> {
  const log = openProgramLog(config, {service});
  const {outcome, summary, ms, rows, auditId} = ended;
  const level = outcome === 'done' ? 'info' : outcome === 'failed' ? 'error' : 'warn';
  const what = {
    event_type: plan.actionId,
    target: plan.targetName,
    outcome,
    ms: Math.round(ms),
    rows,
    audit_id: auditId,
  };
  log.logger[level](what, summary);
  await log.close();
}

/** Runs it with its progress on stderr. Ctrl-C and SIGTERM cancel it on the server. */
async function runWatched(gate: Gate, plan: Plan): Promise<Outcome> {
  const abort = new AbortController();
  const {promise: leave, reject} = Promise.withResolvers<never>();
  const cancel = () => {
    if (abort.signal.aborted) {
      reject(new UserError('Stopped waiting: the action may still run.', 'shared.audit_log will record its end.', 1));
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
  const restore = [onSignals(['SIGINT', 'SIGTERM'], cancel), onSignals(['SIGHUP'], () => {})];
  try {
    return await Promise.race([gate.run(plan, {signal: abort.signal, onProgress}), leave]);
  } finally {
    for (const each of restore) each();
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  }
}

// Without a terminal a line is printed when another step begins, or when the blocking sessions change.
const step = (p: Progress): string => [p.step, ...p.blockers.map(b => b.replace(/ for .*/, ''))].join(' ');

const dryRun = (plan: Plan): Outcome => ({
  outcome: 'dry_run',
  summary: sanitise('Dry run: nothing was changed.'),
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

/** The value of a flag. Throws a UserError where it is not a whole number from `min` to `max`. */
export function wholeNumber(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UserError(`--${name} must be a whole number from ${min} to ${max}.`);
}
