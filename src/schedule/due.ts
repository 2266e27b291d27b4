import {createHash} from 'node:crypto';
import {type MarketHours, openSince} from '../core/market-hours.ts';
import type {Micros} from '../core/time.ts';
import type {ScheduledJob} from './job.ts';

const MINUTE = 60_000_000;

/** A time at which a job is due, and its window. */
export type Slot = {
  readonly dueAt: Micros;
  /** With this host’s jitter. */
  readonly startAt: Micros;
  /** What has not started by then was missed. */
  readonly startBy: Micros;
  /** The end of the window. */
  readonly stopAt: Micros;
};

/** A run in shared.maintenance_runs. */
export type Run = {
  readonly job: string;
  readonly dueAt: Micros;
  readonly startBy: Micros;
  readonly stopAt: Micros;
  readonly host: string | undefined;
  /** Undefined: planned, or never started. */
  readonly startedAt: Micros | undefined;
  readonly endedAt: Micros | undefined;
  /** Undefined: planned, or under way. */
  readonly outcome: string | undefined;
};

/** What the market does, as far as it is known: `wrong`: its setting cannot be read, and it counts as open. */
export type KnownMarket = MarketHours | 'unknown' | 'wrong';

/**
 * The window of a job at a time that it is due at. The jitter is the same whenever it is asked for, and differs by host.
 * @internal
 */
export function slotOf(
  {id, jitterMinutes, graceMinutes, windowMinutes}: ScheduledJob,
  dueAt: Micros,
  host: string,
): Slot {
  const hash = createHash('sha256')
    .update(JSON.stringify([id, dueAt, host]))
    .digest();
  const seconds = Math.floor((hash.readUInt32BE() / 2 ** 32) * jitterMinutes * 60);
  return {
    dueAt,
    startAt: dueAt + seconds * 1_000_000,
    startBy: dueAt + graceMinutes * MINUTE,
    stopAt: dueAt + windowMinutes * MINUTE,
  };
}

/** Whether a job has to wait for the market to close. */
export function waitsForClose({market}: ScheduledJob, hours: KnownMarket, at: Micros): boolean {
  if (market === 'any' || hours === 'unknown') return false;
  return hours === 'wrong' || openSince(hours, at) !== undefined;
}

/** When a run can start, at the earliest `at`; undefined: the market is open until it is too late. */
export function startOf(job: ScheduledJob, slot: Slot, hours: KnownMarket, at: Micros): Micros | undefined {
  for (let time = Math.max(at, slot.startAt); time < slot.startBy; time += MINUTE) {
    if (!waitsForClose(job, hours, time)) return time;
  }
  return undefined;
}

/** What a scheduler sees when it decides. */
export type ScheduleView = {
  readonly at: Micros;
  readonly host: string;
  readonly jobs: readonly ScheduledJob[];
  readonly hours: KnownMarket;
  readonly runs: readonly Run[];
};

/** A run that was due, and why it is not to start. */
export type Closing = {
  readonly job: string;
  readonly slot: Omit<Slot, 'startAt'>;
  readonly outcome: 'missed' | 'skipped';
  readonly why: string;
};

/** A run that is due and has to wait. */
export type Waiting = {readonly job: string; readonly slot: Slot; readonly why: string};

/** What a scheduler does next. */
export type Decision = {
  /** The next run of every job. */
  readonly next: readonly {readonly job: ScheduledJob; readonly slot: Slot}[];
  /** The planned runs are others than these. */
  readonly differs: boolean;
  /** What has to start now; the one that is due for longest comes first. */
  readonly due: readonly {readonly job: ScheduledJob; readonly slot: Slot}[];
  readonly waiting: readonly Waiting[];
  readonly closed: readonly Closing[];
  /** When to look again. */
  readonly lookAt: Micros;
};

/** Decides what is due, what is to be closed and what comes next. `waited`: why a job had to wait, where somebody knows. */
export function decide(seen: ScheduleView, waited: ReadonlyMap<string, string> = new Map()): Decision {
  const {at, host, jobs, runs} = seen;
  const closed = missed(seen, waited);
  const next = jobs.flatMap(job => {
    const dueAt = job.times.next(at);
    return dueAt === undefined ? [] : [{job, slot: slotOf(job, dueAt, host)}];
  });
  const now = jobs.flatMap(job => verdictOf(job, seen));
  const due = now.filter(verdict => verdict.kind === 'due').toSorted((a, b) => a.slot.dueAt - b.slot.dueAt);
  const waiting = now.filter(verdict => verdict.kind === 'waiting');
  const times = [
    ...next.map(({slot}) => slot.dueAt),
    ...waiting.map(({until}) => until),
    ...runs.filter(isPlanned).flatMap(run => (run.startBy > at ? [run.startBy] : [])),
  ];
  return {
    next,
    differs: isOther(next, seen),
    due,
    waiting: waiting.map(({job, slot, why}) => ({job: job.id, slot, why})),
    closed: [...closed, ...now.flatMap(verdict => (verdict.kind === 'closed' ? [verdict.closing] : []))],
    lookAt: Math.min(...times.filter(time => time > at), at + MINUTE),
  };
}

function isOther(next: Decision['next'], {at, jobs, runs}: ScheduleView): boolean {
  const planned = runs.filter(isPlanned);
  const isSame = (run: Run, {job, slot}: Decision['next'][number]): boolean =>
    run.job === job.id && run.dueAt === slot.dueAt && run.startBy === slot.startBy && run.stopAt === slot.stopAt;
  const isOwn = ({job, dueAt}: Run): boolean => dueAt > at || jobs.every(({id}) => id !== job);
  return (
    next.some(one => !planned.some(run => isSame(run, one))) ||
    planned.some(run => isOwn(run) && !next.some(one => isSame(run, one)))
  );
}

/** Whether nobody has begun or closed it. */
export const isPlanned = ({startedAt, outcome}: Run): boolean => startedAt === undefined && outcome === undefined;

const NOBODY = 'No scheduler was running, or none could reach the server.';

/** The planned runs that nobody started in time, or before the job was due again. */
const missed = ({at, jobs, runs}: ScheduleView, waited: ReadonlyMap<string, string>): readonly Closing[] =>
  runs.flatMap(run => {
    const {job, dueAt, startBy, stopAt} = run;
    const last = jobs.find(({id}) => id === job)?.times.last(at);
    if (!isPlanned(run) || last === undefined || (startBy > at && dueAt >= last)) return [];
    const why = waited.get(waitKey(job, dueAt)) ?? NOBODY;
    return [{job, slot: {dueAt, startBy, stopAt}, outcome: 'missed', why}];
  });

/** By what a reason to wait is kept. */
export const waitKey = (job: string, dueAt: Micros): string => `${job} ${dueAt}`;

/** Until when a run was under way: no longer than it may be, whenever somebody has seen that its scheduler was gone. */
const underWayUntil = ({limitMinutes}: ScheduledJob, {startedAt, endedAt, stopAt}: Run, at: Micros): Micros =>
  startedAt === undefined ? 0 : Math.min(endedAt ?? at, stopAt + MINUTE, startedAt + (limitMinutes + 1) * MINUTE);

type Verdict = {readonly job: ScheduledJob; readonly slot: Slot} & (
  | {readonly kind: 'due'}
  | {readonly kind: 'waiting'; readonly why: string; readonly until: Micros}
  | {readonly kind: 'closed'; readonly closing: Closing}
);

/** What becomes of the last time that a job was due, while its window lasts and nobody has begun or closed it. */
function verdictOf(job: ScheduledJob, {at, host, hours, runs}: ScheduleView): readonly Verdict[] {
  const dueAt = job.times.last(at);
  if (dueAt === undefined) return [];
  const slot = slotOf(job, dueAt, host);
  const own = runs.filter(run => run.job === job.id);
  if (at >= slot.startBy || own.some(run => run.dueAt === dueAt && !isPlanned(run))) return [];
  const overlapping = own.find(run => run.dueAt < dueAt && underWayUntil(job, run, at) > dueAt);
  if (overlapping !== undefined) {
    const why = 'The run before was still under way.';
    return [{kind: 'closed', job, slot, closing: {job: job.id, slot, outcome: 'skipped', why}}];
  }
  if (at < slot.startAt) return [{kind: 'waiting', job, slot, why: 'It starts later by chance.', until: slot.startAt}];
  if (!waitsForClose(job, hours, at)) return [{kind: 'due', job, slot}];
  const why =
    hours === 'wrong' ? 'The setting market.sessions is wrong: the market counts as open.' : 'The market is open.';
  return [{kind: 'waiting', job, slot, why, until: at + MINUTE}];
}
