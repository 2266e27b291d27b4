import type {Action, ActionOptions, Outcome, Plan, Progress, Target} from '../../actions/action.ts';
import {createGate, type Gate} from '../../actions/gate.ts';
import type {Config} from '../../config/config.ts';
import {UserError} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import {onSignals} from '../../io/signals.ts';
import {loadSql} from '../../io/sql.ts';
import {type Asked, confirmed} from './ask-confirm.ts';
import type {FlagSpec} from './command.ts';
import {maintainJson, outcomeLines, planLines, progressLine} from './maintain-report.ts';

/** What every command understands that runs an action. */
export const ACTION_FLAGS = {
  dryRun: {type: 'boolean', help: 'tell what would be done, and do nothing'},
  yes: {type: 'boolean', help: 'do not ask'},
  confirm: {type: 'string', value: 'NAME', help: 'the target’s name, needed beside --yes in prod'},
  json: {type: 'boolean', help: 'one JSON document'},
  lockMs: {type: 'number', value: 'N', help: 'longest wait for a lock, in milliseconds (2000)'},
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
  readonly actions: readonly Action[];
  readonly actionId: string;
  /** How the connection is named on the server: `tradetop maintain`. */
  readonly name: string;
  readonly target: (gate: Gate) => Promise<Target>;
  readonly options: ActionOptions;
  readonly flags: ActionFlags;
};

/**
 * Runs one action through the gate, as its flags say: shows, asks, does and tells. Gives the exit code; throws a UserError
 * where it could not be started. A hang-up does not end it.
 */
export async function runAction({config, actions, actionId, name, target, options, flags}: ActionRun): Promise<number> {
  const gate = createGate({
    config,
    sql: loadSql(),
    actions,
    name,
    lockMs: flags.lockMs === undefined ? 2000 : wholeNumber('lock-ms', flags.lockMs, 1, 3_600_000),
    // A dry run changes nothing, so it may be had in read-only.
    ...(flags.dryRun ? {readOnly: () => false} : {}),
  });
  const hangUp = () => {};
  const restore = onSignals(['SIGHUP'], hangUp);
  process.stderr.on('error', hangUp);
  try {
    const plan = await gate.plan(actionId, await target(gate), options);
    return await proceed(gate, plan, config, flags);
  } finally {
    restore();
    await gate.close();
  }
}

async function proceed(gate: Gate, plan: Plan, config: Config, flags: ActionFlags): Promise<number> {
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
  const restore = onSignals(['SIGINT', 'SIGTERM'], cancel);
  try {
    return await Promise.race([gate.run(plan, {signal: abort.signal, onProgress}), leave]);
  } finally {
    restore();
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

/** A flag's number, or a UserError that says what it may be. */
export function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`--${name} must be a whole number from ${least} to ${most}.`);
}
