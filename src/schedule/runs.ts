import {z} from 'zod';
import {parseMarketHours} from '../core/market-hours.ts';
import {isoMicros, type Micros, parseMicros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import type {Closing, KnownMarket, Run, Slot} from './due.ts';
import type {ScheduledJob} from './job.ts';

const instant = z.string().transform(text => parseMicros(text) ?? Number.NaN);
const maybeInstant = z
  .string()
  .nullable()
  .transform(text => (text === null ? undefined : parseMicros(text)));
const row = z.object({
  job: z.string(),
  due_at: instant,
  start_by: instant,
  stop_at: instant,
  host: z.string().nullable(),
  started_at: maybeInstant,
  ended_at: maybeInstant,
  outcome: z.string().nullable(),
  free: z.boolean(),
});

/** The name of the advisory lock that lets one scheduler work at a time, the same for every host. */
export const LOCK = 'tradetop schedule';

/** What a scheduler reads of the server. */
export type Read = {
  /** The server’s time: all schedulers go by it, whatever their own clocks say. */
  readonly at: Micros;
  readonly hours: KnownMarket;
  /** The system setting maintenance.schedule, as JSON. */
  readonly settings: string | null;
  readonly runs: readonly Run[];
  /** A run has not ended, and nobody holds the schedulers’ lock: its scheduler is gone. */
  readonly abandoned: boolean;
};

/** Reads it. Rejects with the driver's error. */
export async function readSchedule(io: Io): Promise<Read> {
  const [now] = await io.query('schedule/settings');
  const rows = (await io.query('schedule/runs', [LOCK])).map(raw => row.parse(raw));
  const runs = rows.map(
    (r): Run => ({
      job: r.job,
      dueAt: r.due_at,
      startBy: r.start_by,
      stopAt: r.stop_at,
      host: r.host ?? undefined,
      startedAt: r.started_at,
      endedAt: r.ended_at,
      outcome: r.outcome ?? undefined,
    }),
  );
  return {
    at: parseMicros(String(now?.now)) ?? Number.NaN,
    hours: marketOf(now?.market as string | null),
    settings: (now?.schedule as string | null) ?? null,
    runs,
    abandoned: rows.some(r => r.free && r.started_at !== undefined && r.outcome === null),
  };
}

function marketOf(text: string | null): KnownMarket {
  if (text === null) return 'unknown';
  const hours = parseMarketHours(JSON.parse(text));
  return typeof hours === 'string' ? 'wrong' : hours;
}

const params = (job: string, {dueAt, startBy, stopAt}: Omit<Slot, 'startAt'>): readonly string[] => [
  job,
  ...[dueAt, startBy, stopAt].map(isoMicros),
];

/** Keeps the next run of each job where everybody can see it. */
export const keepNext = (
  io: Io,
  next: readonly {readonly job: ScheduledJob; readonly slot: Slot}[],
): Promise<unknown> => {
  const rows = next.map(({job, slot}) => params(job.id, slot));
  return io.query(
    'schedule/plan',
    [0, 1, 2, 3].map(column => rows.map(values => values[column])),
  );
};

/** Closes a run that was not begun. */
export const closeRun = (io: Io, {job, slot, outcome, why}: Closing): Promise<unknown> =>
  io.query('schedule/close', [...params(job, slot), outcome, why]);

/** Begins a run. Gives when, by the server; undefined: somebody else has begun or closed it. */
export async function claimRun(io: Io, job: ScheduledJob, slot: Slot, host: string): Promise<Micros | undefined> {
  const [claimed] = await io.query('schedule/claim', [...params(job.id, slot), host]);
  return claimed && parseMicros(String(claimed.started_at));
}

/** Ends a run that was begun. Gives when, by the server; undefined: somebody else has closed it meanwhile. */
export async function endRun(io: Io, job: string, dueAt: Micros, outcome: string, detail: string) {
  const [ended] = await io.query('schedule/end', [job, isoMicros(dueAt), outcome, detail]);
  return ended && parseMicros(String(ended.ended_at));
}

/** Closes the runs whose scheduler is gone, under the lock. Gives their jobs, hosts and times. */
export async function cutOffRuns(io: Io): Promise<readonly Pick<Run, 'job' | 'host' | 'dueAt'>[]> {
  const rows = await io.query('schedule/cut_off');
  return rows.map(r => ({
    job: String(r.job),
    host: String(r.host),
    dueAt: parseMicros(String(r.due_at)) ?? Number.NaN,
  }));
}
