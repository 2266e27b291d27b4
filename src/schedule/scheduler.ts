import {hostname} from 'node:os';
import {setTimeout as wait} from 'node:timers/promises';
import type {Action} from '../actions/action.ts';
import {createGate, type Gate} from '../actions/gate.ts';
import type {Config} from '../config/config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {type Decision, decide, isPlanned, type Slot, type Waiting, waitKey} from './due.ts';
import type {ScheduledJob} from './job.ts';
import {takeLease} from './lease.ts';
import {type RunResult, runJob} from './run-job.ts';
import {claimRun, closeRun, cutOffRuns, endRun, keepNext, type Read, readSchedule} from './runs.ts';
import {scheduledJobs} from './settings.ts';

export type SchedulerOptions = {
  readonly config: Config;
  readonly sql: SqlLibrary;
  readonly actions: readonly Action[];
  readonly log: Log;
  /** This host, as the runs name it. Default: the machine’s name. */
  readonly host?: string;
};

/** A run that this scheduler did. */
export type Ran = RunResult & {
  readonly job: string;
  readonly dueAt: Micros;
  readonly startedAt: Micros;
  /** Undefined: somebody else has closed it, or the server did not take its end. */
  readonly endedAt: Micros | undefined;
};

/** What one look led to. */
type Look = {
  readonly ran: Ran | undefined;
  readonly waiting: readonly Waiting[];
  /** In how many milliseconds to look again; 0: at once, since more may be due. */
  readonly lookInMs: number;
};

/** Runs jobs when they are due, one at a time among all schedulers of a database. */
export type Scheduler = {
  /** Runs what is due now and gives it. Rejects with a UserError or the driver's error where the server cannot be used. */
  readonly once: (signal: AbortSignal) => Promise<{readonly ran: readonly Ran[]; readonly waiting: readonly Waiting[]}>;
  /** Runs until the signal aborts, whatever the server does meanwhile. A run under way is cancelled and recorded first. */
  readonly serve: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The application name of its connections. */
const NAME = 'tradetop schedule';
const RETRY_MS = 5000;
/** How long the end of a run is tried to be written where the server does not answer. */
const END_LIMIT_MS = 20_000;

type Parts = SchedulerOptions & {
  readonly io: Pg;
  readonly gate: Gate;
  readonly host: string;
  /** Why runs that are due had to wait, in case that they will have been missed. */
  readonly waited: Map<string, string>;
};

/** Makes a scheduler. It connects when it looks for the first time. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const {config, sql, actions, host = hostname()} = options;
  const io = openPg(config.trading, sql, {name: NAME, max: 1, lockMs: 2000});
  const operator = {osUser: sanitise('schedule'), client: sanitise(host, 200)};
  const gate = createGate({config, sql, actions, name: NAME, operator});
  const parts: Parts = {...options, io, gate, host, waited: new Map()};
  return {
    once: async signal => {
      const ran: Ran[] = [];
      for (;;) {
        const look = await lookOnce(parts, signal);
        if (look.ran) ran.push(look.ran);
        if (signal.aborted || look.lookInMs > 0) return {ran, waiting: look.waiting};
      }
    },
    serve: signal => serve(parts, signal),
    close: async () => void (await Promise.all([gate.close(), io.close()])),
  };
}

async function serve(parts: Parts, signal: AbortSignal): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    const look = await lookOnce(parts, signal).catch((error: unknown) => {
      const failure = failureOf(error);
      if (failure.why === 'bug' && !(error instanceof UserError) && failure.sqlstate === undefined) throw error;
      const text = error instanceof UserError ? `${error.message} ${error.next}` : failure.message;
      if (text !== last) parts.log.error({error: sanitise(text)}, 'nothing can be run');
      last = text;
      return {lookInMs: RETRY_MS};
    });
    if ('waiting' in look) last = '';
    await wait(look.lookInMs, undefined, {signal}).catch(() => {});
  }
}

/** Looks once: writes what is next and what was missed, and runs what has been due for longest. */
async function lookOnce(parts: Parts, signal: AbortSignal): Promise<Look> {
  const {config, io, host, waited, log} = parts;
  const read = await readSchedule(io);
  const now = clockFrom(read.at);
  const jobs = scheduledJobs(config.schedule, read.settings);
  const decision = decide({...read, host, jobs}, waited);
  for (const closing of decision.closed) {
    await closeRun(io, closing);
    const {job, slot, outcome, why} = closing;
    log.warn({job, due: isoMicros(slot.dueAt), outcome, why}, 'not run');
  }
  if (decision.differs) await keepNext(io, decision.next);
  remember(waited, read, decision);
  const {lookAt, waiting} = decision;
  const later = {ran: undefined, waiting, lookInMs: Math.max(200, (lookAt - now()) / 1000)};
  const [due] = decision.due;
  if (signal.aborted || (due === undefined && !read.abandoned)) return later;
  const lease = await takeLease(config.trading, parts.sql, NAME);
  if (!lease.ok) {
    if (!lease.taken) throw new UserError(lease.why);
    for (const {job, slot} of decision.due) waited.set(waitKey(job.id, slot.dueAt), lease.why);
    const others = decision.due.map(({job, slot}) => ({job: job.id, slot, why: lease.why}));
    return {ran: undefined, waiting: [...waiting, ...others], lookInMs: RETRY_MS};
  }
  try {
    const done = await underLease(parts, {read, decision, now, stop: [signal, lease.lost]});
    return done === undefined ? later : {...later, ...done, lookInMs: 0};
  } finally {
    await lease.release();
  }
}

/** Keeps why runs wait, as long as they are planned. What only starts a little later by chance is not told of. */
function remember(waited: Map<string, string>, {at, runs}: Read, {waiting}: Decision): void {
  const planned = new Set(runs.flatMap(run => (isPlanned(run) ? [waitKey(run.job, run.dueAt)] : [])));
  for (const key of waited.keys()) if (!planned.has(key)) waited.delete(key);
  for (const {job, slot, why} of waiting) if (slot.startAt <= at) waited.set(waitKey(job, slot.dueAt), why);
}

/** The server’s time from now on: its own of a moment ago, and what has passed since by a clock that does not jump. */
function clockFrom(at: Micros): () => Micros {
  const start = performance.now();
  return () => at + Math.round((performance.now() - start) * 1000);
}

type Work = {
  readonly read: Read;
  readonly decision: Decision;
  readonly now: () => Micros;
  /** The end of the service, and the loss of the lease. */
  readonly stop: readonly [AbortSignal, AbortSignal];
};

/** Closes what was cut off and runs what has been due for longest. Undefined: there was nothing to do. */
async function underLease(parts: Parts, {read, decision, now, stop}: Work): Promise<Pick<Look, 'ran'> | undefined> {
  const {io, host, log, gate, sql, config} = parts;
  const gone = await cutOffRuns(io);
  for (const run of gone) log.error({job: run.job, host: run.host, due: isoMicros(run.dueAt)}, 'a run was cut off');
  const [due] = decision.due;
  if (due === undefined) return gone.length === 0 ? undefined : {ran: undefined};
  const {job, slot} = due;
  const startedAt = await claimRun(io, job, slot, host);
  if (startedAt === undefined) return {ran: undefined};
  log.info({job: job.id, due: isoMicros(slot.dueAt)}, 'started');
  const ending = reasons(stop);
  const run = {gate, io, sql, database: config.trading.database, hours: read.hours, now, signal: ending.signal};
  const result = await runJob(job, slot, run).finally(ending.close);
  const before = gone.find(one => one.job === job.id);
  const told = before ? `The run of ${isoMicros(before.dueAt)} on ${before.host} was cut off. ` : '';
  const detail = sanitise(`${told}${result.detail}`, 4000);
  const endedAt = await writeEnd(parts, job, slot, {...result, detail});
  log[result.outcome === 'failed' ? 'error' : 'info']({job: job.id, outcome: result.outcome, detail}, 'ended');
  return {ran: {...result, detail, job: job.id, dueAt: slot.dueAt, startedAt, endedAt}};
}

/** One signal of the two, whose reason is a phrase. */
function reasons([ended, lost]: readonly [AbortSignal, AbortSignal]) {
  const both = new AbortController();
  const onEnd = (): void => both.abort('the scheduler was ended');
  const onLost = (): void => both.abort('the scheduler’s lock was lost');
  if (ended.aborted) onEnd();
  ended.addEventListener('abort', onEnd);
  lost.addEventListener('abort', onLost);
  return {
    signal: both.signal,
    close: () => {
      ended.removeEventListener('abort', onEnd);
      lost.removeEventListener('abort', onLost);
    },
  };
}

/** Writes the end of a run. Where the server does not take it, the next scheduler closes the run as cut off. */
async function writeEnd({io, log}: Parts, job: ScheduledJob, slot: Slot, {outcome, detail}: RunResult) {
  const deadline = performance.now() + END_LIMIT_MS;
  for (;;) {
    try {
      return await endRun(io, job.id, slot.dueAt, outcome, detail);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure.retry || performance.now() > deadline) {
        log.error({job: job.id, outcome, error: sanitise(failure.message)}, 'its end could not be written');
        return undefined;
      }
      await wait(1000);
    }
  }
}
