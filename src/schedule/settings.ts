import {KEPT} from '../actions/kept-tables.ts';
import {mergedSchedule, type ScheduleSettings, scheduleSchema} from '../config/settings.ts';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {timetableOf} from './cron.ts';
import type {JobSpec, Retention, ScheduledJob} from './job.ts';
import {JOBS, RETAINED, RETENTION} from './jobs.ts';

/** The key of shared.system_config that has settings of the schedule for all hosts. */
const KEY = 'maintenance.schedule';
const SEE = 'See: tradetop maintain --schedule --dry-run';

/**
 * The jobs that are scheduled. Of each setting the config file's value counts, else that of the system setting
 * maintenance.schedule (`database`: its JSON, null where there is none), else the job's own. A job that is off, or has
 * nothing to do, is left out. Throws a UserError that says what is wrong.
 */
export function scheduledJobs(file: ScheduleSettings, database: string | null): readonly ScheduledJob[] {
  const shared = databaseSettings(database);
  const settings = mergedSchedule(shared, file);
  check(
    'jobs',
    Object.keys(settings.jobs ?? {}),
    JOBS.map(({id}) => id),
  );
  const names = Object.keys(settings.retention ?? {});
  const kept = names.find(name => Object.hasOwn(KEPT, name));
  if (kept) throw new UserError(`The schedule’s retention name ${kept}, whose rows are kept: ${KEPT[kept]}.`, SEE);
  check('retention', names, RETAINED);
  const retention = retentionOf(settings);
  return JOBS.flatMap(spec => {
    const steps = spec.steps(retention);
    if (settings.jobs?.[spec.id]?.off === true || steps.length === 0) return [];
    const sets = (one: ScheduleSettings): boolean => one.jobs?.[spec.id] !== undefined || one.timezone !== undefined;
    const from = sets(file) ? 'file' : sets(shared) ? 'database' : 'default';
    return [{...jobOf(spec, settings), steps, from}];
  });
}

function jobOf(spec: JobSpec, {timezone = 'UTC', jobs = {}}: ScheduleSettings): Omit<ScheduledJob, 'steps' | 'from'> {
  const set = jobs[spec.id] ?? {};
  const cron = set.cron ?? spec.cron;
  const windowMinutes = set.windowMinutes ?? spec.windowMinutes;
  const graceMinutes = set.graceMinutes ?? windowMinutes;
  // What is built in gives way to a shorter window that is set.
  const jitterMinutes = set.jitterMinutes ?? Math.min(spec.jitterMinutes, Math.floor((graceMinutes - 1) / 2));
  const wrong = (what: string): UserError => new UserError(`The schedule’s job ${spec.id}: ${what}.`, SEE);
  if (graceMinutes > windowMinutes) throw wrong('graceMinutes must not be above windowMinutes');
  if (jitterMinutes >= graceMinutes) throw wrong('jitterMinutes must be below graceMinutes');
  return {
    id: spec.id,
    does: spec.does,
    cron,
    timezone,
    windowMinutes,
    limitMinutes: set.limitMinutes ?? spec.limitMinutes,
    jitterMinutes,
    graceMinutes,
    market: set.market ?? spec.market,
    times: timetableOf(cron, timezone),
  };
}

function retentionOf({retention = {}}: ScheduleSettings): Retention {
  const days = new Map(RETENTION);
  for (const [name, value] of Object.entries(retention)) {
    if (value === 'keep') days.delete(name);
    else days.set(name, value);
  }
  return days;
}

function check(part: 'jobs' | 'retention', given: readonly string[], known: readonly string[]): void {
  const unknown = given.find(name => !known.includes(name));
  if (unknown === undefined) return;
  throw new UserError(
    `The schedule’s ${part} name ${sanitise(unknown, 80)}, which there is not.`,
    didYouMean(unknown, known),
  );
}

function databaseSettings(text: string | null): ScheduleSettings {
  if (text === null) return {};
  const {data, error} = scheduleSchema.safeParse(JSON.parse(text));
  if (data !== undefined) return data;
  const issue = error.issues[0];
  const where = [KEY, ...(issue?.path ?? [])].join('.');
  throw new UserError(
    `The system setting ${sanitise(where, 200)}: ${sanitise(issue?.message ?? 'is not valid', 200)}.`,
    `Correct it: tradetop config set ${KEY} VALUE`,
  );
}
