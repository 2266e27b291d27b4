import type {Gate} from '../actions/gate.ts';
import type {Outcome} from '../actions/plan.ts';
import {runningWords} from '../actions/running.ts';
import {targetName} from '../actions/target.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {readChecks} from '../verify/read-checks.ts';
import {runChecks} from '../verify/run.ts';
import {type KnownMarket, type Slot, waitsForClose} from './due.ts';
import type {ScheduledJob, Step} from './job.ts';

/** How a run ended: the worst of its steps, and what each did. */
export type RunResult = {
  readonly outcome: Exclude<Outcome['outcome'], 'dry_run'>;
  readonly detail: SafeText;
};

/** With what a job is run. */
export type JobRun = {
  readonly gate: Gate;
  readonly io: Io;
  readonly sql: SqlLibrary;
  readonly database: string;
  readonly hours: KnownMarket;
  /** The server’s time. */
  readonly now: () => Micros;
  /** Ends the run, with the reason as a sentence. */
  readonly signal: AbortSignal;
};

const LOOK_MS = 5000;
/** A timer takes no longer. */
const MOST_MS = 2 ** 31 - 1;
/** From good to bad. */
const RANK: readonly RunResult['outcome'][] = ['done', 'skipped', 'partial', 'cancelled', 'failed'];

type StepResult = {readonly outcome: RunResult['outcome']; readonly text: string};

/**
 * Runs a job’s steps one after the other, until its window or its limit ends, the market opens, or `signal` aborts: then the
 * statement that runs is cancelled on the server, and the rest is left to the next run. Rejects at a bug only.
 */
export async function runJob(job: ScheduledJob, slot: Slot, run: JobRun): Promise<RunResult> {
  const stop = new AbortController();
  const limit = run.now() + job.limitMinutes * 60_000_000;
  const why = slot.stopAt <= limit ? 'its window ended' : `it took ${job.limitMinutes} minutes`;
  const ms = Math.min(MOST_MS, Math.max(0, (Math.min(slot.stopAt, limit) - run.now()) / 1000));
  const timer = setTimeout(() => stop.abort(why), ms);
  const look = setInterval(() => {
    if (waitsForClose(job, run.hours, run.now())) stop.abort('the market opened');
  }, LOOK_MS);
  const signal = AbortSignal.any([stop.signal, run.signal]);
  const results: StepResult[] = [];
  try {
    for (const step of job.steps) {
      if (signal.aborted) break;
      results.push(await runStep(step, run, signal));
    }
  } finally {
    clearTimeout(timer);
    clearInterval(look);
  }
  return resultOf(results, job.steps.length, run.signal, stop.signal);
}

function resultOf(results: readonly StepResult[], steps: number, asked: AbortSignal, stopped: AbortSignal): RunResult {
  const worst = worstOf(results.map(({outcome}) => outcome));
  const cut = results.length < steps || results.at(-1)?.outcome === 'cancelled';
  const texts = results.map(({text}) => text);
  // A run that ends with its window is no failure: the next one goes on.
  if (cut && asked.aborted) return told('cancelled', [`Stopped: ${asked.reason}.`, ...texts]);
  if (cut && stopped.aborted) {
    const outcome = worst === 'failed' ? worst : 'partial';
    return told(outcome, [`Stopped, since ${stopped.reason}; the next run goes on.`, ...texts]);
  }
  return told(worst, texts);
}

function worstOf(outcomes: readonly RunResult['outcome'][]): RunResult['outcome'] {
  const worst = RANK[Math.max(0, ...outcomes.map(outcome => RANK.indexOf(outcome)))] ?? 'done';
  return worst === 'skipped' && outcomes.includes('done') ? 'partial' : worst;
}

const told = (outcome: RunResult['outcome'], texts: readonly string[]): RunResult => ({
  outcome,
  detail: sanitise(texts.join(' '), 4000),
});

async function runStep(step: Step, run: JobRun, signal: AbortSignal): Promise<StepResult> {
  if (step.kind === 'backup-age') return backupAge(run, signal);
  const {actionId, target, flags} = step;
  const name = targetName(target, run.database);
  const of = (text: string): string => (target.kind === 'table' && !text.startsWith(name) ? `${name}: ${text}` : text);
  // Whatever somebody else has begun need not be done again, and is no failure.
  const other = await runningWords(run.io, actionId, target, name, run.database).catch(() => undefined);
  if (other !== undefined) return {outcome: 'skipped', text: of(other)};
  const plan = await run.gate.plan(actionId, target, {flags});
  if (plan.refusal !== undefined) return {outcome: 'failed', text: of(plan.refusal)};
  const {outcome, summary} = await run.gate.run(plan, {signal});
  return {outcome: outcome === 'dry_run' ? 'skipped' : outcome, text: of(summary)};
}

/** The check of the last backup’s age, which only reads. */
async function backupAge({io, sql}: JobRun, signal: AbortSignal): Promise<StepResult> {
  const [result] = await runChecks(io, readChecks(sql), {only: ['health_backup_age'], signal});
  if (result === undefined) throw new Error('no check health_backup_age');
  if (result.status === 'pass') return {outcome: 'done', text: `${result.title}.`};
  if (result.status === 'skip')
    return {outcome: signal.aborted ? 'cancelled' : 'failed', text: `Not checked: ${result.why}.`};
  return {outcome: 'failed', text: `The last backup: ${result.rows[0]?.last_backup ?? 'none'}. ${result.remedy}`};
}
