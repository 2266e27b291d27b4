import {age, plural} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {activityQuery} from '../core/statement-text.ts';
import {isoOf} from '../core/time.ts';
import {cut} from '../core/width.ts';
import type {Io, Raw} from '../io/io.ts';
import {fact} from './facts.ts';
import type {Fact} from './plan.ts';
import type {SessionId} from './target.ts';

/** Sessions as actions/sessions reads them, a row for each id and in the order of the ids. */
export const readSessions = (io: Io, ids: readonly {readonly pid: number; readonly backendStart: string | null}[]) =>
  io.query('actions/sessions', [ids.map(({pid}) => pid), ids.map(({backendStart}) => backendStart)]);

/** Who waits for a lock, and for whom, by process id. */
export type Waits = ReadonlyMap<number, readonly number[]>;

/** Reads them. */
export async function readWaits(io: Io): Promise<Waits> {
  const waits = new Map<number, number[]>();
  for (const {pid, blocker} of await io.query('actions/waits')) {
    waits.set(Number(pid), [...(waits.get(Number(pid)) ?? []), Number(blocker)]);
  }
  return waits;
}

/** How many sessions wait for this one, directly or through others. */
const blockedBy = (pid: number, waits: Waits): number => behind(new Set([pid]), waits, 'some').size;

/** The sessions that wait for nobody else any more once these are gone. */
export const freedBy = (pids: readonly number[], waits: Waits): ReadonlySet<number> =>
  behind(new Set(pids), waits, 'every');

function behind(from: ReadonlySet<number>, waits: Waits, how: 'some' | 'every'): ReadonlySet<number> {
  const found = new Set<number>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const [pid, blockers] of waits) {
      if (!from.has(pid) && blockers[how](blocker => from.has(blocker) || found.has(blocker))) found.add(pid);
    }
  }
  return found;
}

const ENDABLE = new Set(['client backend', 'walsender', 'autovacuum worker']);

/** Why a session must be left alone, as the end of a sentence about it; undefined: it need not. `own`: our own pids. */
export function leftAlone(row: Raw, own: ReadonlySet<number>): string | undefined {
  if (row.pid === null) return 'has ended already';
  if (row.kind === '') return `is hidden from this role. Run GRANT pg_read_all_stats TO ${row.me};`;
  if (!row.same) return 'has ended: another session has its process id by now';
  if (own.has(Number(row.pid))) return 'is a connection of this program itself';
  if (row.kind === 'parallel worker') return `works for pid ${row.leader_pid}: act on that one`;
  if (!ENDABLE.has(String(row.kind))) return `is a process of the server itself (${row.kind})`;
  if (row.right === 'signal') return `is another role’s (${row.username}). Run GRANT pg_signal_backend TO ${row.me};`;
  if (row.right === 'autovacuum') {
    return `is an autovacuum. From PostgreSQL 18 on: GRANT pg_signal_autovacuum_worker TO ${row.me}; below only a superuser may`;
  }
  if (row.right === 'superuser')
    return `is a superuser’s (${row.username ?? row.kind}), which only a superuser may signal`;
  return undefined;
}

/** What must be said before a session is signalled, beside what it does; undefined: nothing. */
function warningOf({kind, query, application}: Raw): string | undefined {
  if (kind === 'walsender') return 'it sends WAL: a standby or a reader of a slot falls behind until it connects again';
  if (kind === 'autovacuum worker' && String(query).includes('(to prevent wraparound)')) {
    return 'it is an autovacuum against wraparound: without it the server comes nearer to refusing all writes';
  }
  return String(application).startsWith('tradetop')
    ? 'it is tradetop’s own work, of this or another machine'
    : undefined;
}

/** Whether a session is one that is not signalled without its name being typed. */
export const isVital = (row: Raw): boolean => row.kind !== 'client backend' && warningOf(row) !== undefined;

/**
 * A line of the dialog: who it is, what it does, what it holds and whom it blocks. `brief`, where there are many: one line
 * on a wide screen, without what is as usual.
 */
export function sessionFact(row: Raw, waits: Waits, brief = false): Fact {
  const warning = warningOf(row);
  const from = row.client ? ` from ${row.client}` : '';
  const who = `${[row.username ?? row.kind, row.application].filter(Boolean).join(', ')}${from}`;
  const blocks = blockedBy(Number(row.pid), waits);
  const query = queryOf(row);
  const told = warning === undefined ? [] : [warning];
  if (brief) {
    const holds = typeof row.locks === 'string' ? [`holds ${heldBy(row)}`] : [];
    const short = [who, `${row.state || row.kind}${ageOf(row.state_seconds)}`, ...holds];
    const parts = [...short, ...(blocks === 0 ? [] : [`blocks ${blocks}`]), ...told, cut(query, BRIEF_QUERY)];
    return fact(`pid ${row.pid}`, parts.filter(Boolean).join(' · '), warning !== undefined);
  }
  const parts = [
    who,
    ...(row.database === null ? [] : [`in ${row.database}`]),
    `${row.state || row.kind}${ageOf(row.state_seconds)}`,
    `connected${ageOf(row.session_seconds)}`,
    ...(typeof row.xact_seconds === 'number' ? [`transaction${ageOf(row.xact_seconds)}`] : []),
    `holds ${heldBy(row)}`,
    `blocks ${blocks === 0 ? 'nobody' : blocks}`,
    ...told,
    ...(query === '' ? [] : [cut(query, LONGEST_QUERY)]),
  ];
  return fact(`pid ${row.pid}`, parts.join(' · '), warning !== undefined);
}

/** So much of what a session runs is shown, in cells. */
const [LONGEST_QUERY, BRIEF_QUERY] = [160, 40];

const ageOf = (seconds: Raw[string] | undefined): string =>
  typeof seconds === 'number' ? ` ${age(Math.max(0, seconds))}` : '';

/** What it runs or ran last, on one line. */
const queryOf = ({query, query_hex}: Raw): SafeText =>
  sanitise(activityQuery((query ?? null) as string | null, (query_hex ?? null) as string | null), 300);

function heldBy({locks, lock_count}: Raw): string {
  if (typeof locks !== 'string') return 'no lock on tables';
  const more = Number(lock_count) - 3;
  return more > 0 ? `${locks} and ${plural(more, 'more lock')}` : locks;
}

/** A session as the audit log keeps it: enough to know afterwards who it was. */
export const recordOf = (row: Raw): Raw => ({
  user: row.username ?? null,
  application: row.application ?? null,
  client: row.client ?? null,
  backend_start: isoOf(row.backend_start) ?? null,
  state: row.state ?? null,
  query: queryOf(row),
});

/** A session's identity, as its row has it. */
export const identityOf = (row: Raw): SessionId => ({
  pid: Number(row.pid),
  backendStart: isoOf(row.backend_start) ?? '',
});
