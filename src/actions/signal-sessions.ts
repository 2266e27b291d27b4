import {setTimeout as wait} from 'node:timers/promises';
import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import type {LostRun, Result} from './action.ts';
import type {RowChange} from './plan.ts';
import type {Session} from './session.ts';
import {identityOf, recordOf} from './session-view.ts';

/** How a signal works: its statement, and by what it is judged. */
export type SignalSpec = {
  /** For messages: `ended`. */
  readonly done: string;
  readonly statement: string;
  readonly params: (rows: readonly Raw[]) => readonly unknown[];
  /** Whether a session that is still there, as actions/sessions_now shows it, no longer is or does what it was or did. */
  readonly isOver: (before: Raw, now: Raw) => boolean;
};

/** When a statement began, in the form of `isoMicros`. */
export const queryStart = (row: Raw): string | undefined => isoOf(row.query_start);

const LIMIT_MS = 5000;
const EVERY_MS = 50;
const MOST_NAMED = 20;

type End = 'done' | 'already' | 'still' | 'unsent';

/**
 * Signals these sessions in one statement, which the server lets have effect only where each is still the same, and looks
 * until each is gone, or has stopped, for at most 5 seconds. `waiting`: so many others waited for them.
 */
export async function signalSessions(
  session: Session,
  spec: SignalSpec,
  rows: readonly Raw[],
  waiting: number,
): Promise<Result> {
  const position = {step: 1, steps: 1, current: sanitise(plural(rows.length, 'session'))};
  const ended = await session.run(spec.statement, position, spec.params(rows));
  if (!ended.ok && ended.how === 'cancelled') {
    return {outcome: 'cancelled', rows: undefined, summary: 'Cancelled: nobody was signalled.'};
  }
  // An error says nothing of those that were signalled before it: all count as signalled, and the effect decides.
  const sent = new Set(
    ended.ok ? ended.rows.filter(r => r.sent).map(r => Number(r.pid)) : rows.map(r => Number(r.pid)),
  );
  const ends = await judged(session, spec, rows, sent);
  return resultOf(spec, rows, ends, {waiting, error: ended.ok ? undefined : ended.failure.message});
}

async function judged(
  session: Session,
  spec: SignalSpec,
  rows: readonly Raw[],
  sent: ReadonlySet<number>,
): Promise<readonly End[]> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const now = await readNow(session.io, rows).catch(() => undefined);
    const ends = rows.map((row): End => endOf(spec, row, now, sent.has(Number(row.pid))));
    if (!ends.includes('still') || performance.now() > deadline || session.signal.aborted) return ends;
    await wait(EVERY_MS);
  }
}

async function readNow(io: Io, rows: readonly Raw[]): Promise<ReadonlyMap<number, Raw>> {
  const ids = rows.map(identityOf);
  const params = [ids.map(({pid}) => pid), ids.map(({backendStart}) => backendStart)];
  const now = await io.query('actions/sessions_now', params, {timeoutMs: 2000});
  return new Map(now.map(row => [Number(row.pid), row]));
}

function endOf(spec: SignalSpec, before: Raw, all: ReadonlyMap<number, Raw> | undefined, sent: boolean): End {
  if (all === undefined) return 'still';
  const now = all.get(Number(before.pid));
  const over = now === undefined || now.same !== true || spec.isOver(before, now);
  if (over) return sent ? 'done' : 'already';
  return sent ? 'still' : 'unsent';
}

type Around = {readonly waiting: number; readonly error: string | undefined};

function resultOf(spec: SignalSpec, rows: readonly Raw[], ends: readonly End[], {waiting, error}: Around): Result {
  const having = (end: End): readonly Raw[] => rows.filter((_row, i) => ends[i] === end);
  const [done, already, still, unsent] = [having('done'), having('already'), having('still'), having('unsent')];
  const words = [
    ...(done.length === 0
      ? []
      : [`${named(done)} ${spec.done}${waiting > 0 ? `; ${plural(waiting, 'session')} waited` : ''}`]),
    ...(already.length === 0
      ? []
      : [`${named(already)} had ended already, and what has its process id now was left alone`]),
    ...(still.length === 0 ? [] : [`${named(still)} still there after ${LIMIT_MS / 1000} s: the signal waits there`]),
    ...(unsent.length === 0 ? [] : [`${named(unsent)} could not be signalled`]),
    ...(error === undefined ? [] : [sanitise(error)]),
  ];
  const bad = still.length + unsent.length;
  const outcome = bad > 0 ? (done.length > 0 ? 'partial' : 'failed') : done.length > 0 ? 'done' : 'skipped';
  const changes = rows.map((row, i): RowChange => changeOf(row, ends[i] ?? 'still'));
  return {outcome, rows: done.length, changes, summary: `${words.join('; ')}.`};
}

/** What the audit log keeps of a session: who it was, and what became of it. */
export const changeOf = (row: Raw, end: End | 'planned'): RowChange => ({
  key: `pid ${row.pid}`,
  before: recordOf(row),
  after: {end},
});

function named(rows: readonly Raw[]): string {
  const pids = rows.slice(0, MOST_NAMED).map(row => row.pid);
  const more = rows.length - pids.length;
  return `pid ${pids.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}

/** Which sessions that a run meant are still there. */
export async function foundSessions(io: Io, {changes}: LostRun): Promise<string> {
  const ids = changes.map(({key, before}) => ({
    pid: Number(key.replace('pid ', '')),
    backend_start: before?.backend_start ?? null,
  }));
  const now = await readNow(io, ids);
  const left = ids.filter(({pid}) => now.get(pid)?.same === true).map(({pid}) => pid);
  return `${count(ids.length - left.length)} of ${plural(ids.length, 'session')} gone${left.length > 0 ? `, still there: pid ${left.join(', ')}` : ''}`;
}
