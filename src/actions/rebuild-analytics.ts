import {failureOf} from '../core/errors.ts';
import {type Difference, rebuildAnalytics} from '../sync/rebuild.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {runnerOn} from './sync-runner.ts';
import {plural} from './words.ts';

const STATEMENTS = [
  'sync/fill_account',
  'sync/fill_positions',
  'sync/rebuild_portfolio',
  'sync/rebuild_metrics',
  'sync/fill_marks',
  'sync/revalue',
] as const;

/**
 * Makes analytics what the trades and positions make it, an account a transaction, and tells each figure that was not.
 * It may run beside the synchroniser, and be broken off: every account that it got to is right.
 */
export const rebuildAnalyticsAction: Action = {
  id: 'rebuild-analytics',
  title: 'Rebuild analytics',
  key: 'B',
  danger: 'locks',
  help: 'Recomputes portfolio and performance from trades and positions, and tells each difference.',
  targets: ['database'],
  sql: STATEMENTS,
  orphan: 'ends',
  prepare,
};

async function prepare(asking: ActionContext): Promise<Prepared> {
  const {io, sql} = asking;
  const [row] = await io.query('actions/may_repair');
  return {
    facts: [
      fact('accounts', String(row?.accounts ?? 0)),
      fact('trades in the ledger', `about ${Math.max(Number(row?.ledger), 0)}`),
    ],
    sql: STATEMENTS.map(name => shown(sql.statement(name, io.pgVersion()))),
    refusal: row?.may ? undefined : 'A right is missing: connect as tradetop_sync, or as a superuser.',
    execute: session => rebuild(session, asking),
  };
}

async function rebuild(session: Session, {io, sql}: ActionContext): Promise<Result> {
  try {
    const done = await rebuildAnalytics(runnerOn(session, sql, io.pgVersion()), {signal: session.signal});
    const found = done.differences.length + done.recovered + done.positions;
    const words = [
      `${plural(done.accounts, 'account')} rebuilt`,
      ...(done.recovered > 0 ? [`${plural(done.recovered, 'trade')} that analytics lacked`] : []),
      ...(done.positions > 0 ? [`${plural(done.positions, 'position')} that had changed`] : []),
      found === 0 ? 'no difference' : `${plural(done.differences.length, 'figure')} put right`,
      ...done.differences.slice(0, 20).map(difference),
      ...(done.differences.length > 20 ? [`and ${done.differences.length - 20} more`] : []),
      ...done.errors,
    ];
    const outcome = done.stopped ? 'cancelled' : done.errors.length > 0 ? 'partial' : 'done';
    return {outcome, rows: found, summary: `${words.join('; ')}.`};
  } catch (error) {
    const {message, sqlstate} = failureOf(error);
    return {outcome: sqlstate === '57014' ? 'cancelled' : 'failed', rows: undefined, summary: message};
  }
}

const difference = ({key, figure, was, is}: Difference): string => `${key} ${figure}: was ${was}, is ${is}`;
