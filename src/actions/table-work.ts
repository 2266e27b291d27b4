import {setTimeout as wait} from 'node:timers/promises';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {Result} from './action.ts';
import {holders, horizonWords} from './facts.ts';
import type {StepPosition} from './plan.ts';
import type {Ended, Session} from './session.ts';
import type {Job, JobResult} from './table-job.ts';
import {summarise} from './table-result.ts';
import {lockTimeout, sessionWords} from './words.ts';

const EFFECT_LIMIT_MS = 3000;
/** After a warning an effect is unlikely; counters were never seen to take more than half a second. */
const WARNED_LIMIT_MS = 1000;
const EFFECT_EVERY_MS = 100;
const BACKEND_END_LIMIT_MS = 5000;
/** Fewer dead rows that stay are not worth a report. */
const MIN_HELD_ROWS = 1000;

/** Processes the tables, one statement each, until it is cancelled or the connection is lost. */
export async function workThrough(
  session: Session,
  jobs: readonly Job[],
  skipped: readonly JobResult[],
  resetRole: string,
): Promise<Result> {
  const results: JobResult[] = [...skipped];
  let role: string | undefined;
  for (const [i, job] of jobs.entries()) {
    const position = {step: i + 1, steps: jobs.length, current: job.name};
    if (job.setRole !== role) {
      const changed = await session.run(job.setRole ?? resetRole);
      role = changed.ok ? job.setRole : role;
      if (!changed.ok) {
        results.push(await notOk(session, job, changed, undefined));
        if (results.at(-1)?.status === 'failed') continue;
        break;
      }
    }
    const result = await workOn(session, job, position);
    results.push(result);
    if (result.status === 'cancelled' || result.status === 'lost') break;
  }
  if (role !== undefined) await session.run(resetRole);
  return summarise(results, jobs.length + skipped.length);
}

async function workOn(session: Session, job: Job, position: StepPosition): Promise<JobResult> {
  const before = await effect(session.io, job);
  const startedAt = performance.now();
  const ended = await session.run(job.statement, position);
  if (!ended.ok) return notOk(session, job, ended, before);
  const after = await moved(session.io, job, before, ended.warnings.length > 0 ? WARNED_LIMIT_MS : EFFECT_LIMIT_MS);
  const seconds = (performance.now() - startedAt) / 1000;
  return judge(session, job, {before, after, seconds, warnings: ended.warnings});
}

type Seen = {
  readonly before: Raw | undefined;
  readonly after: Raw | undefined;
  readonly seconds: number;
  readonly warnings: readonly SafeText[];
};

async function judge(session: Session, job: Job, {before, after, seconds, warnings}: Seen): Promise<JobResult> {
  const base = {name: job.name, removed: undefined, dead: Number(before?.dead_rows ?? 0)};
  if (!before || !after || after.counted === false) {
    // Without counters only the server's warnings show what happened.
    if (warnings.length > 0) return {...base, status: 'skipped', reason: warnings.join('; ')};
    return {...base, status: 'done', reason: 'by the server’s answer; its counters cannot be read'};
  }
  const vacuumed = !job.vacuums || vacuumMoved(before, after);
  const analyzed = !job.analyzes || analyzeMoved(before, after);
  if (!vacuumed || !analyzed) {
    const why = warnings.join('; ') || 'the server gave no reason, but its counters did not change';
    const half = job.vacuums && job.analyzes && vacuumed !== analyzed;
    const what = vacuumed ? 'vacuumed, but not analysed: ' : 'analysed, but not vacuumed: ';
    return {...base, status: half ? 'half' : 'skipped', reason: half ? what + why : why};
  }
  if (!job.vacuums) return {...base, status: 'done', reason: ''};
  const left = Number(after.dead_rows);
  const removed = Math.max(0, base.dead - left);
  const holder = left >= MIN_HELD_ROWS && left * 2 >= base.dead ? await olderHolder(session, seconds) : undefined;
  return holder === undefined
    ? {...base, removed, status: 'done', reason: ''}
    : {...base, removed, status: 'held', reason: `held by ${holder}`};
}

// Only a snapshot that is older than our VACUUM can have kept the rows.
async function olderHolder(session: Session, seconds: number): Promise<string | undefined> {
  const rows = await session.io.query('actions/horizon', [session.pid]).catch(() => []);
  const row = rows.find(r => r.kind !== 'session' || (typeof r.seconds === 'number' && r.seconds > seconds));
  return row && horizonWords(row);
}

async function notOk(
  session: Session,
  job: Job,
  ended: Extract<Ended, {ok: false}>,
  before: Raw | undefined,
): Promise<JobResult> {
  const base = {name: job.name, removed: undefined, dead: Number(before?.dead_rows ?? 0)};
  const {how, failure} = ended;
  const message = sanitise(failure.message);
  if (how === 'cancelled') {
    const by = session.signal.aborted ? '' : 'another session cancelled it on the server';
    return {...base, status: 'cancelled', reason: by};
  }
  if (how === 'lost') return {...base, status: 'lost', reason: await afterLoss(session, job, before, message)};
  if (failure.sqlstate !== '55P03') return {...base, status: 'failed', reason: message};
  const now = (await holders(session.io, [job.table], session.pid).catch(() => [])).map(sessionWords);
  const who = now.length > 0 ? now : ended.blockers;
  return {...base, status: 'skipped', reason: lockTimeout(session.lockMs, who)};
}

// What the server did with a statement whose answer was lost.
async function afterLoss(session: Session, job: Job, before: Raw | undefined, message: string): Promise<string> {
  const lost = `the connection broke (${message})`;
  const deadline = performance.now() + BACKEND_END_LIMIT_MS;
  let now = await session.after();
  while (now !== 'ended' && performance.now() < deadline) {
    await wait(200);
    now = await session.after();
  }
  if (now === 'working') return `${lost}; the server still works on it, as pid ${session.pid}`;
  if (now === undefined) return `${lost} and the server does not answer: it is not known how it ended`;
  const after = await moved(session.io, job, before);
  if (!before || !after || after.counted === false) return `${lost}: it is not known how it ended`;
  const vacuumed = job.vacuums && vacuumMoved(before, after);
  const analyzed = job.analyzes && analyzeMoved(before, after);
  if (vacuumed === job.vacuums && analyzed === job.analyzes) return `${lost}, but the server had completed it`;
  if (vacuumed) return `${lost}; it was vacuumed, but not analysed`;
  return `${lost}; it ended without effect`;
}

const effect = async (io: Io, job: Job): Promise<Raw | undefined> =>
  (await io.query('actions/effect', [job.table.oid]).catch(() => []))[0];

// The server updates its counters a little after the statement's end.
async function moved(io: Io, job: Job, before: Raw | undefined, limitMs = EFFECT_LIMIT_MS): Promise<Raw | undefined> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const after = await effect(io, job);
    if (!before || (after && after.counted === false)) return after;
    const all = after && (!job.vacuums || vacuumMoved(before, after)) && (!job.analyzes || analyzeMoved(before, after));
    if (all || performance.now() > deadline) return after;
    await wait(EFFECT_EVERY_MS);
  }
}

// Compared for difference, not for growth, since counters may be reset meanwhile.
const vacuumMoved = (a: Raw, b: Raw): boolean => a.vacuums !== b.vacuums || a.vacuumed_at !== b.vacuumed_at;
const analyzeMoved = (a: Raw, b: Raw): boolean => a.analyzes !== b.analyzes || a.analyzed_at !== b.analyzed_at;
