import {failureOf} from '../core/errors.ts';
import {retryQuarantine} from '../sync/retry.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {runnerOn} from './sync-runner.ts';
import {plural} from './words.ts';

const STATEMENTS = ['sync/apply', 'sync/quarantine_resolve', 'sync/quarantine'] as const;

/** Tries the events in quarantine again, each in a transaction of its own; what is refused again stays there. */
export const retryQuarantineAction: Action = {
  id: 'retry-quarantine',
  title: 'Retry quarantine',
  key: 'Q',
  danger: 'locks',
  help: 'Applies the events that the synchroniser had to set aside, where that is possible now.',
  targets: ['database'],
  sql: STATEMENTS,
  orphan: 'ends',
  prepare,
};

async function prepare(asking: ActionContext): Promise<Prepared> {
  const {io, sql} = asking;
  const [row] = await io.query('actions/may_repair');
  const refusal = row?.may ? undefined : 'A right is missing: connect as tradetop_sync, or as a superuser.';
  return {
    facts: [fact('in quarantine', plural(Number(row?.quarantined ?? 0), 'event'))],
    sql: STATEMENTS.map(name => shown(sql.statement(name, io.pgVersion()))),
    refusal,
    execute: session => retry(session, asking),
  };
}

async function retry(session: Session, {io, sql}: ActionContext): Promise<Result> {
  try {
    const {applied, refused, stopped} = await retryQuarantine(runnerOn(session, sql, io.pgVersion()), session.signal);
    const words = [
      `${plural(applied, 'event')} applied`,
      `${refused.length} refused`,
      ...refused.slice(0, 20).map(({event, reason}) => `${event}: ${reason}`),
    ];
    const outcome = stopped ? 'cancelled' : refused.length > 0 ? (applied > 0 ? 'partial' : 'failed') : 'done';
    return {outcome, rows: applied, summary: `${words.join('; ')}.`};
  } catch (error) {
    const {message, sqlstate} = failureOf(error);
    return {outcome: sqlstate === '57014' ? 'cancelled' : 'failed', rows: undefined, summary: message};
  }
}
