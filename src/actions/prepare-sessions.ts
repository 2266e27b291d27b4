import {plural} from '../core/format.ts';
import type {Raw} from '../io/io.ts';
import type {ActionContext, Prepared} from './action.ts';
import {fact} from './facts.ts';
import type {Fact} from './plan.ts';
import {freedBy, isVital, leftAlone, readSessions, readWaits, sessionFact, type Waits} from './session-view.ts';
import {changeOf, type SignalSpec, signalSessions} from './signal-sessions.ts';
import {shown, withValues} from './statements.ts';
import type {Target} from './target.ts';

/** What differs between the actions that signal sessions. */
export type SessionWork = Omit<SignalSpec, 'statement'> & {
  /** The name of the statement. */
  readonly sql: string;
  /** For messages: `end`. */
  readonly verb: string;
  /** Why it has nothing to do with a session, as the end of a sentence about it; undefined: it has. */
  readonly noWork?: (row: Raw) => string | undefined;
};

const MOST_LEFT = 5;

/** More sessions than these have a line each, and no more. */
const MANY = 6;

/**
 * Looks at sessions and prepares their signal. What a plan has seen of a session is its identity when the plan runs: one
 * that has changed meanwhile is left alone.
 */
export async function prepareSessions(context: ActionContext, target: Target, work: SessionWork): Promise<Prepared> {
  if (target.kind !== 'sessions') throw new Error('not sessions');
  const {io, sql, basis, own} = context;
  const waits = await readWaits(io);
  const rows = basis === undefined ? inOrder(await readSessions(io, target.sessions), waits) : [...basis.values()];
  const why = (row: Raw): string | undefined => leftAlone(row, own) ?? work.noWork?.(row);
  const [taken, left] = [rows.filter(row => why(row) === undefined), rows.filter(row => why(row) !== undefined)];
  const freed = freedBy(
    taken.map(row => Number(row.pid)),
    waits,
  ).size;
  const statement = sql.statement(work.sql, io.pgVersion());
  const values = work.params(taken).map(value => `{${(value as readonly unknown[]).join(',')}}`);
  return {
    facts: [
      ...taken.map(row => sessionFact(row, waits, taken.length > MANY)),
      ...(taken.length > 0 ? [freesFact(taken, freed, waits)] : []),
      ...leftFacts(left, why),
    ],
    sql: taken.length === 0 ? [] : [withValues(shown(statement), ...values)],
    refusal: taken.length === 0 ? refusalOf(left, why, work.verb) : undefined,
    typed: taken.some(isVital),
    changes: taken.map(row => changeOf(row, 'planned')),
    basis: new Map(rows.map(row => [String(row.wanted), row])),
    execute: session => signalSessions(session, {...work, statement}, taken, freed),
  };
}

// Who waits is signalled before the one that it waits for: else it would go on with its work first.
const inOrder = (rows: readonly Raw[], waits: Waits): readonly Raw[] =>
  rows.toSorted((a, b) => Number(waits.has(Number(b.pid))) - Number(waits.has(Number(a.pid))));

function freesFact(taken: readonly Raw[], freed: number, waits: Waits): Fact {
  const own = new Set(taken.map(row => Number(row.pid)));
  const others = [...waits.keys()].filter(pid => !own.has(pid)).length;
  if (freed === 0)
    return fact('frees', others === 0 ? 'nobody waits for a lock' : 'nobody: who waits, waits for others');
  return fact('frees', `${plural(freed, 'session')} of ${others} that wait for a lock`);
}

function leftFacts(left: readonly Raw[], why: (row: Raw) => string | undefined): readonly Fact[] {
  if (left.length === 0) return [];
  const more = left.length - MOST_LEFT;
  const words = left.slice(0, MOST_LEFT).map(row => `pid ${row.wanted} ${why(row)}`);
  return [fact('left alone', [...words, ...(more > 0 ? [`and ${more} more`] : [])].join('; '), true)];
}

function refusalOf(left: readonly Raw[], why: (row: Raw) => string | undefined, verb: string): string {
  const [first] = left;
  if (first === undefined) return `There is no session to ${verb}.`;
  const reason = `pid ${first.wanted} ${why(first)}`.replace(/\.?$/, '.').replace(/;\.$/, ';');
  return left.length === 1 ? reason : `None of these ${left.length} sessions can be taken. The first: ${reason}`;
}
