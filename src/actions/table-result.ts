import {count, plural} from '../core/format.ts';
import type {Result} from './action.ts';
import type {JobResult} from './table-job.ts';

const MAX_NAMED = 5;

/** Makes one outcome of what became of each table. `total` includes the tables that were not reached. */
export function summarise(results: readonly JobResult[], total: number): Result {
  const good = results.filter(r => r.status === 'done' || r.status === 'held' || r.status === 'half');
  const rest = results.filter(r => r.status !== 'done');
  const vacuumed = good.filter(r => r.removed !== undefined);
  const removed = vacuumed.reduce((n, r) => n + (r.removed ?? 0), 0);
  const dead = vacuumed.reduce((n, r) => n + r.dead, 0);
  const rows = vacuumed.length > 0 ? removed : undefined;
  const what = vacuumed.length > 0 ? removedWords(removed, dead) : '';
  const summary =
    total === 1 && results[0]
      ? one(results[0], what)
      : [
          `${good.length} of ${plural(total, 'table')} done`,
          ...(what ? [what] : []),
          ...rest.slice(0, MAX_NAMED).map(r => `${r.name} ${WORD[r.status]}${r.reason ? ` (${r.reason})` : ''}`),
          ...(rest.length > MAX_NAMED ? [`and ${count(rest.length - MAX_NAMED)} more not done`] : []),
        ].join('; ');
  return {outcome: outcomeOf(results, good.length), rows, summary: `${summary}.`};
}

const removedWords = (removed: number, dead: number): string =>
  dead === 0 ? 'no dead rows' : `${count(removed)} of ${plural(dead, 'dead row')} removed`;

function outcomeOf(results: readonly JobResult[], good: number): Result['outcome'] {
  const has = (status: JobResult['status']): boolean => results.some(r => r.status === status);
  if (has('cancelled')) return 'cancelled';
  if (has('lost')) return 'failed';
  if (results.every(r => r.status === 'done')) return 'done';
  if (good > 0) return 'partial';
  return has('failed') ? 'failed' : 'skipped';
}

const WORD: Readonly<Record<JobResult['status'], string>> = {
  done: 'done',
  held: 'keeps dead rows',
  half: 'half done',
  skipped: 'skipped',
  failed: 'failed',
  cancelled: 'cancelled',
  lost: 'unknown',
};

function one(result: JobResult, what: string): string {
  const because = result.reason ? `: ${result.reason}` : '';
  if (result.status === 'done')
    return `${result.name}: ${what ? `${what}, ` : ''}statistics updated${result.reason ? ` (${result.reason})` : ''}`;
  if (result.status === 'held') return `${result.name}: statistics updated, ${what}${because}`;
  if (result.status === 'half') return `${result.name} was ${result.reason}`;
  if (result.status === 'lost') return `${result.name}${because}`;
  if (result.status === 'failed') return `${result.name} failed${because}`;
  return `${result.name} was ${result.status}${because}`;
}
