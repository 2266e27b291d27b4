import {setTimeout as wait} from 'node:timers/promises';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {Result} from './action.ts';
import {holders, horizonWords} from './facts.ts';
import type {StepPosition} from './progress.ts';
import type {Ended, Session} from './session.ts';
import {summarise} from './table-result.ts';
import type {TableInfo} from './tables.ts';
import {sessionWords} from './words.ts';

/** One table's statement, and what it must move to count as done. */
export type Job = {
  readonly table: TableInfo;
  /** As shown: `execution.trades`. */
  readonly name: SafeText;
  /** Sent before it, where the work needs another role. */
  readonly setRole: string | undefined;
  readonly statement: string;
  readonly vacuums: boolean;
  readonly analyzes: boolean;
};

/** What became of one table. `held`: it was vacuumed, and most of its dead rows had to stay. */
export type JobResult = {
  readonly name: SafeText;
  readonly status: 'done' | 'held' | 'half' | 'skipped' | 'failed' | 'cancelled' | 'lost';
  readonly reason: string;
  readonly removed: number | undefined;
  readonly dead: number;
};

const EFFECT_LIMIT_MS = 3000;
/** After a warning an effect is not likely to come; half a second is the most that counters were seen to take. */
const WARNED_LIMIT_MS = 1000;
const EFFECT_EVERY_MS = 100;
const GONE_LIMIT_MS = 5000;
/** Fewer dead rows that stay are not worth a word of alarm. */
const HELD_WORTH = 1000;

/** Works through the tables, one statement each, until it is cancelled or the connection is lost. */
export async function workThrough(
  session: Session,
  jobs: readonly Job[],
  skipped: readonly JobResult[],
  resetRole: string,
): Promise<Result> {
  const results: JobResult[] = [...skipped];
  let role: string | undefined;
  for (const [i, job] of jobs.entries()) {
    const place = {step: i + 1, steps: jobs.length, current: job.name};
    if (job.setRole !== role) {
      const changed = await session.run(job.setRole ?? resetRole);
      role = changed.ok ? job.setRole : role;
      if (!changed.ok) {
        results.push(await notOk(session, job, changed, undefined));
        if (results.at(-1)?.status === 'failed') continue;
        break;
      }
    }
    const result = await workOn(session, job, place);
    results.push(result);
    if (result.status === 'cancelled' || result.status === 'lost') break;
  }
  if (role !== undefined) await session.run(resetRole);
  return summarise(results, jobs.length + skipped.length);
}

async function workOn(session: Session, job: Job, place: StepPosition): Promise<JobResult> {
  const before = await effect(session.io, job);
  const startedAt = performance.now();
  const ended = await session.run(job.statement, place);
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
    // The counters cannot tell: the server's own warnings must do.
    if (warnings.length > 0) return {...base, status: 'skipped', reason: warnings.join('; ')};
    return {...base, status: 'done', reason: 'as the server says; its counters cannot be read'};
  }
  const vacuumed = !job.vacuums || vacuumMoved(before, after);
  const analyzed = !job.analyzes || analyzeMoved(before, after);
  if (!vacuumed || !analyzed) {
    const why = warnings.join('; ') || 'the server gives no reason, but its counters did not move';
    const half = job.vacuums && job.analyzes && vacuumed !== analyzed;
    const what = vacuumed ? 'vacuumed, but not analysed: ' : 'analysed, but not vacuumed: ';
    return {...base, status: half ? 'half' : 'skipped', reason: half ? what + why : why};
  }
  if (!job.vacuums) return {...base, status: 'done', reason: ''};
  const left = Number(after.dead_rows);
  const removed = Math.max(0, base.dead - left);
  const holder = left >= HELD_WORTH && left * 2 >= base.dead ? await olderHolder(session, seconds) : undefined;
  return holder === undefined
    ? {...base, removed, status: 'done', reason: ''}
    : {...base, removed, status: 'held', reason: `held by ${holder}`};
}

// Only a snapshot from before our VACUUM can have kept its rows.
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
    const by = session.signal.aborted ? '' : 'somebody else cancelled it on the server';
    return {...base, status: 'cancelled', reason: by};
  }
  if (how === 'lost') return {...base, status: 'lost', reason: await afterLoss(session, job, before, message)};
  if (failure.sqlstate !== '55P03') return {...base, status: 'failed', reason: message};
  const now = (await holders(session.io, [job.table], session.pid).catch(() => [])).map(sessionWords);
  const who = (now.length > 0 ? now : ended.blockers).join('; ');
  return {...base, status: 'skipped', reason: `its lock was not had in time${who ? `: held by ${who}` : ''}`};
}

// What the server did with a statement whose end we did not see.
async function afterLoss(session: Session, job: Job, before: Raw | undefined, message: string): Promise<string> {
  const lost = `the connection broke (${message})`;
  const deadline = performance.now() + GONE_LIMIT_MS;
  let now = await session.after();
  while (now !== 'ended' && performance.now() < deadline) {
    await wait(200);
    now = await session.after();
  }
  if (now === 'working') return `${lost}; the server still works on it as pid ${session.pid}`;
  if (now === undefined) return `${lost} and the server cannot be asked: how it ended is not known`;
  const after = await moved(session.io, job, before);
  if (!before || !after || after.counted === false) return `${lost}: how it ended is not known`;
  const vacuumed = job.vacuums && vacuumMoved(before, after);
  const analyzed = job.analyzes && analyzeMoved(before, after);
  if (vacuumed === job.vacuums && analyzed === job.analyzes) return `${lost}, but the server had finished it`;
  if (vacuumed) return `${lost}; it was vacuumed, but not analysed`;
  return `${lost}; it ended without effect`;
}

const effect = async (io: Io, job: Job): Promise<Raw | undefined> =>
  (await io.query('actions/effect', [job.table.oid]).catch(() => []))[0];

// Counters arrive a little after the statement's end.
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

// Compared for difference, not for growth: counters may be reset meanwhile.
const vacuumMoved = (a: Raw, b: Raw): boolean => a.vacuums !== b.vacuums || a.vacuumed_at !== b.vacuumed_at;
const analyzeMoved = (a: Raw, b: Raw): boolean => a.analyzes !== b.analyzes || a.analyzed_at !== b.analyzed_at;
