import {failureOf} from '../core/errors.ts';
import {count, plural} from '../core/format.ts';
import {type Difference, rebuildAnalytics} from '../sync/rebuild.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {runnerOn} from './sync-runner.ts';

const MAX_LISTED = 20;

const STATEMENTS = [
  'sync/missing_trades',
  'sync/differing_trades',
  'sync/lock_pairs',
  'sync/known',
  'sync/settle',
  'sync/fill_positions',
  'sync/rebuild_portfolio',
  'sync/rebuild_metrics',
  'sync/fill_marks',
  'sync/marks_due',
  'sync/mark_positions',
  'sync/mark_views',
] as const;

/**
 * Recomputes analytics from trades and positions, one transaction an account, and reports each figure that was wrong. It
 * may run beside the synchroniser and be cancelled: every account that it has reached is right.
 */
export const rebuildAnalyticsAction: Action = {
  id: 'rebuild-analytics',
  title: 'Rebuild analytics',
  key: 'B',
  danger: 'locks',
  help: 'Recomputes portfolio and performance from trades and positions, and reports each difference.',
  targets: ['database'],
  orphan: 'ends',
  prepare,
};

async function prepare(context: ActionContext): Promise<Prepared> {
  const {io, sql} = context;
  const [row] = await io.query('actions/may_repair');
  return {
    facts: [
      fact('accounts', count(Number(row?.accounts ?? 0))),
      fact('trades in the ledger', `about ${count(Math.max(Number(row?.ledger), 0))}`),
    ],
    sql: STATEMENTS.map(name => shown(sql.statement(name, io.pgVersion()))),
    refusal: row?.may ? undefined : 'This role may not write analytics: connect as tradetop_operator.',
    execute: session => rebuild(session, context),
  };
}

async function rebuild(session: Session, {io, sql}: ActionContext): Promise<Result> {
  try {
    const done = await rebuildAnalytics(runnerOn(session, sql, io.pgVersion()), {signal: session.signal});
    const found = done.differences.length + done.recovered + done.restated + done.positions;
    const words = [
      `${plural(done.accounts, 'account')} rebuilt`,
      ...(done.recovered > 0 ? [`${plural(done.recovered, 'trade')} that analytics lacked`] : []),
      ...(done.restated > 0 ? [`${plural(done.restated, 'figure')} of trades restated`] : []),
      ...(done.positions > 0 ? [`${plural(done.positions, 'position')} that had changed`] : []),
      found === 0 ? 'no difference' : `${plural(done.differences.length, 'figure')} corrected`,
      ...done.differences.slice(0, MAX_LISTED).map(difference),
      ...(done.differences.length > MAX_LISTED ? [`and ${count(done.differences.length - MAX_LISTED)} more`] : []),
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
