import Table from 'cli-table3';
import {targetName} from '../../actions/target.ts';
import {maintenanceState, maintenanceTrouble} from '../../alerts/maintenance-state.ts';
import {ageAt, duration} from '../../core/format.ts';
import {sanitise} from '../../core/sanitise.ts';
import {isoMicros, type Micros} from '../../core/time.ts';
import type {MaintenanceRow} from '../../monitor/maintenance.ts';
import {type Decision, decide, type ScheduleView, type Slot, startOf} from '../../schedule/due.ts';
import type {ScheduledJob, Step} from '../../schedule/job.ts';
import type {Ran, Scheduler} from '../../schedule/scheduler.ts';

/** A report, and the exit code that goes with it. */
type Report = {readonly text: string; readonly code: number};

const json = (value: unknown): string => JSON.stringify(value, null, 2);
const iso = (at: Micros | undefined): string | null => (at === undefined ? null : isoMicros(at));
/** `2026-11-27 01:40Z`. */
const minute = (at: Micros | undefined): string =>
  at === undefined ? '' : `${isoMicros(at).slice(0, 16).replace('T', ' ')}Z`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({head: [...head], style: {head: [], border: []}});
  for (const row of rows) made.push(row.map(cell => sanitise(cell, 300)));
  return made.toString();
}

/** The last and the next run of each job. The exit code is 1 where one was missed or failed. */
export function listReport(rows: readonly MaintenanceRow[], now: Micros, asJson: boolean): Report {
  const code = rows.some(row => maintenanceTrouble(row) !== undefined) ? 1 : 0;
  if (asJson) return {text: json(rows.map(listed)), code};
  if (rows.length === 0)
    return {text: 'Nothing is scheduled: tradetop maintain --schedule runs maintenance by itself.', code};
  const cells = rows.map(row => [
    row.job,
    maintenanceState(row),
    minute(row.nextAt),
    row.lastDueAt === undefined ? '' : `${minute(row.lastDueAt)} (${ageAt(row.lastDueAt, now)} ago)`,
    row.outcome ?? '',
    row.tookSeconds === undefined ? '' : duration(row.tookSeconds * 1000),
    row.runningHost ?? row.host ?? '',
    row.detail ?? '',
  ]);
  return {text: table(['job', 'state', 'next', 'last', 'ended', 'took', 'host', 'what was done'], cells), code};
}

const listed = (row: MaintenanceRow): unknown => ({
  job: row.job,
  state: maintenanceState(row),
  next_at: iso(row.nextAt),
  start_by: iso(row.startBy),
  running_at: iso(row.runningAt),
  last_due_at: iso(row.lastDueAt),
  started_at: iso(row.startedAt),
  ended_at: iso(row.endedAt),
  outcome: row.outcome ?? null,
  host: row.runningHost ?? row.host ?? null,
  took_seconds: row.tookSeconds ?? null,
  detail: row.detail ?? null,
});

/** What would run when, and what of it is due now. */
export function jobsReport(seen: ScheduleView, asJson: boolean): string {
  const decision = decide(seen);
  const jobs = seen.jobs.map(job => ({job, now: nowWords(job, decision), ...nextOf(job, decision, seen)}));
  if (asJson) return json(jobs.map(({job, now, slot, startAt}) => planned(job, slot, startAt, now)));
  if (jobs.length === 0) return 'No job is scheduled: all are off.';
  const cells = jobs.map(({job, now, slot, startAt}) => [
    job.id,
    `${job.cron} ${job.timezone}`,
    minute(slot?.dueAt),
    startAt === undefined ? 'not at all: the market is open' : minute(startAt),
    minute(slot?.stopAt),
    `${job.limitMinutes} min`,
    now,
    job.from,
    job.steps.map(stepWords).join(', '),
  ]);
  return table(['job', 'cron', 'next', 'starts', 'stops by', 'limit', 'now', 'set by', 'does'], cells);
}

function nextOf(job: ScheduledJob, {next}: Decision, {hours}: ScheduleView) {
  const slot = next.find(one => one.job.id === job.id)?.slot;
  return {slot, startAt: slot && startOf(job, slot, hours, slot.startAt)};
}

function nowWords(job: ScheduledJob, {due, waiting}: Decision): string {
  if (due.some(one => one.job.id === job.id)) return 'due';
  const wait = waiting.find(one => one.job === job.id);
  return wait === undefined ? '' : `waits: ${wait.why}`;
}

const planned = (job: ScheduledJob, slot: Slot | undefined, startAt: Micros | undefined, now: string): unknown => ({
  job: job.id,
  does: job.does,
  cron: job.cron,
  timezone: job.timezone,
  market: job.market,
  next_at: iso(slot?.dueAt),
  starts_at: iso(startAt),
  start_by: iso(slot?.startBy),
  stop_at: iso(slot?.stopAt),
  limit_minutes: job.limitMinutes,
  now: now === '' ? null : now,
  set_by: job.from,
  steps: job.steps.map(stepWords),
});

/** `purge-logs logging.performance_logs --days 90`. */
function stepWords(step: Step): string {
  if (step.kind === 'backup-age') return 'look at the last backup’s age';
  const {actionId, target, flags} = step;
  const name = target.kind === 'database' ? [] : [targetName(target, '')];
  return [actionId, ...name, ...Object.entries(flags).map(([flag, value]) => `--${flag} ${value}`)].join(' ');
}

/** What `--once` ran, and what waits. The exit code is 1 where a run did not end well. */
export function onceReport({ran, waiting}: Awaited<ReturnType<Scheduler['once']>>, asJson: boolean): Report {
  const code = ran.every(({outcome}) => outcome === 'done' || outcome === 'skipped') ? 0 : 1;
  if (asJson) {
    const waits = waiting.map(({job, slot, why}) => ({job, due_at: iso(slot.dueAt), why}));
    return {text: json({ran: ran.map(ranJson), waiting: waits}), code};
  }
  const lines = [
    ...ran.map(({job, outcome, detail}) => `${job} ${outcome}: ${detail}`),
    ...waiting.map(({job, why}) => `${job} waits: ${why}`),
  ];
  return {text: lines.length === 0 ? 'Nothing is due.' : lines.join('\n'), code};
}

const ranJson = ({job, dueAt, startedAt, endedAt, outcome, detail}: Ran): unknown => ({
  job,
  due_at: iso(dueAt),
  started_at: iso(startedAt),
  ended_at: iso(endedAt),
  outcome,
  detail,
});
