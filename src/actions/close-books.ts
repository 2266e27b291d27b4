import {failureOf, UserError} from '../core/errors.ts';
import {bytes, count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import {beginStatement, COMMIT} from '../io/transaction.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {closingObstacle, OBSTACLES} from './closing-obstacles.ts';
import {fact} from './facts.ts';
import {untilLocked} from './lock-retry.ts';
import {moveClosed} from './move-closed.ts';
import type {Fact} from './plan.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {runnerOn} from './sync-runner.ts';
import type {Target} from './target.ts';

const CLOSING = ['actions/close_books_lock', 'actions/closing_state', ...OBSTACLES, 'actions/close_books'] as const;
const MOVING = ['actions/closing_months', 'actions/create_partition', 'actions/move_closed'] as const;

/**
 * Closes the books before a month: one transaction keeps what every account and symbol comes to, and from then on nothing
 * that was executed before can be booked or changed. Then the closed trades move into the archives, by batches. A run that
 * breaks off leaves the books closed; the next one with the same month moves the rest.
 */
export const closeBooksAction: Action = {
  id: 'close-books',
  title: 'Close the books',
  key: '',
  danger: 'destroys',
  help: 'Closes the months before MONTH for good, as in close-books 2026-08, and moves their trades into the archives.',
  targets: ['month'],
  readTarget: monthOf,
  orphan: 'ends',
  prepare,
};

function monthOf(typed: string): Target {
  if (/^2\d\d\d-(?:0[1-9]|1[0-2])$/.test(typed)) return {kind: 'month', month: typed};
  throw new UserError(`${sanitise(typed, 40)} is not a month.`, 'Name the first month that stays open, as 2026-08.');
}

async function prepare(context: ActionContext, target: Target): Promise<Prepared> {
  if (target.kind !== 'month') throw new Error('not a month');
  const {io, sql} = context;
  const before = `${target.month}-01T00:00:00Z`;
  const [state = {}] = await io.query('actions/closing_state', [before]);
  const ask = (name: string, params: readonly unknown[] = []) => io.query(name, params);
  const refusal =
    refusalOf(state) ?? (state.closed === true ? undefined : await quickly(() => closingObstacle(ask, before, false)));
  const statements = (names: readonly string[]) => names.map(name => shown(sql.statement(name, io.pgVersion())));
  return {
    facts: [...(await extentFacts(io, state, before)), ...OUTCOME_FACTS],
    sql: [beginStatement(), ...statements(CLOSING), COMMIT, ...statements(MOVING)],
    refusal,
    execute: session => close(session, context, before),
  };
}

const OUTCOME_FACTS: readonly Fact[] = [
  fact('afterwards', 'nothing executed before can be booked, corrected or busted any more: there is no way back', true),
  fact('lock', 'analytics.sync_pairs: no trade is settled while the period is checked; then batches with pauses'),
];

function refusalOf({may, open_months, closed_later, closed_before, unknown_columns, old_enough, latest}: Raw) {
  if (may !== true) return 'This role may not close the books: connect as tradetop_operator.';
  if (open_months === null)
    return 'The setting books.open_months is not a number of months: tradetop config set books.open_months 3';
  if (closed_later === true) return `The books are closed before ${String(closed_before).slice(0, 10)} already.`;
  if (unknown_columns !== null)
    return `The archives have no such column: ${sanitise(String(unknown_columns), 200)}. Nothing may be lost.`;
  if (old_enough === true) return undefined;
  const months = plural(Number(open_months), 'whole month');
  return `Too early: the current month and ${months} before it stay open (setting books.open_months). The latest is ${latest}.`;
}

/** Undefined also where the answer takes too long: the run will find it. */
const quickly = <T>(look: () => Promise<T>): Promise<T | undefined> =>
  look().catch(error => {
    if (failureOf(error).why === 'timeout') return undefined;
    throw error;
  });

async function extentFacts(io: Io, {closed, moving}: Raw, before: string): Promise<readonly Fact[]> {
  const period = fact('closes', `what was executed before ${before.slice(0, 10)} 00:00 UTC`);
  if (closed === true) return [fact('closed', moving === true ? 'already; the rest is moved' : 'already', true)];
  const rows = await quickly(() => io.query('actions/closing_extent', [before]));
  const row = rows?.[0];
  if (!row) return [period, fact('trades', 'n/a: too many to be counted now')];
  return [
    period,
    fact('trades', `${count(Number(row.trades))} of ${plural(Number(row.accounts), 'account')}`),
    fact('months', String(row.months ?? 'none')),
    fact('size', `about ${bytes(Number(row.bytes ?? 0))} leave execution.trades and analytics.sync_ledger`),
  ];
}

async function close(session: Session, context: ActionContext, before: string): Promise<Result> {
  let closed: Closed;
  try {
    closed = await closeOnce(session, context, before);
  } catch (error) {
    const {message, sqlstate} = failureOf(error);
    const outcome = sqlstate === '57014' ? 'cancelled' : sqlstate === '55P03' ? 'skipped' : 'failed';
    return {outcome, rows: undefined, summary: `The books were not closed: ${sanitise(message, 500)}`};
  }
  const day = before.slice(0, 10);
  const words =
    closed.trades === undefined
      ? `The books were closed before ${day} already`
      : `The books are closed before ${day}, with ${plural(closed.trades, 'trade')}`;
  return moveClosed(session, context, words);
}

/** Trades that were closed; undefined: they had been before. */
type Closed = {readonly trades: number | undefined};

/** Somebody must do something first. */
class ObstacleError extends Error {}

async function closeOnce(session: Session, context: ActionContext, before: string): Promise<Closed> {
  const {io, sql, operator} = context;
  const who = sanitise(`${operator.osUser} from ${operator.client}`, 100);
  const once = () =>
    runnerOn(session, sql, io.pgVersion()).transaction(async ask => {
      await ask('actions/close_books_lock');
      const [state = {}] = await ask('actions/closing_state', [before]);
      const why = refusalOf(state);
      if (why !== undefined) throw new ObstacleError(why);
      if (state.closed === true) return {trades: undefined};
      const obstacle = await closingObstacle(ask, before, true);
      if (obstacle !== undefined) throw new ObstacleError(obstacle);
      const [row] = await ask('actions/close_books', [before, who]);
      return {trades: Number(row?.trades)};
    });
  return untilLocked(session, isLast =>
    once().catch((error: unknown) => {
      if (failureOf(error).sqlstate !== '55P03' || isLast) throw error;
      return undefined;
    }),
  );
}
