import {failureOf} from '../core/errors.ts';
import {count, plural} from '../core/format.ts';
import {retryQuarantine} from '../sync/retry.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {runnerOn} from './sync-runner.ts';

const MAX_LISTED = 20;

const STATEMENTS = [
  'sync/lock_pairs',
  'sync/known',
  'sync/settle',
  'sync/quarantine_resolve',
  'sync/quarantine',
] as const;

/** Applies the events in quarantine again, each in a transaction of its own; what fails again stays there. */
export const retryQuarantineAction: Action = {
  id: 'retry-quarantine',
  title: 'Retry quarantine',
  key: 'Q',
  danger: 'locks',
  help: 'Applies the events in quarantine again; those that fail again stay there.',
  targets: ['database'],
  orphan: 'ends',
  prepare,
};

function prepare(context: ActionContext): Promise<Prepared> {
  return prepareEvents(context, undefined);
}

/** Prepares the events of a target's rows alone. */
export const retryRows: Action['prepare'] = (context, target) =>
  prepareEvents(context, new Set(target.kind === 'rows' ? target.keys : []));

async function prepareEvents(context: ActionContext, only: ReadonlySet<string> | undefined): Promise<Prepared> {
  const {io, sql} = context;
  const [row] = await io.query('actions/may_repair');
  const refusal = row?.may ? undefined : 'This role may not write analytics: connect as tradetop_operator.';
  return {
    facts: [
      fact('in quarantine', plural(Number(row?.quarantined ?? 0), 'event')),
      ...(only ? [fact('of which', [...only].map(id => `event ${id}`).join(', '))] : []),
    ],
    sql: STATEMENTS.map(name => shown(sql.statement(name, io.pgVersion()))),
    refusal,
    execute: session => retry(session, context, only),
  };
}

async function retry(
  session: Session,
  {io, sql}: ActionContext,
  only: ReadonlySet<string> | undefined,
): Promise<Result> {
  try {
    const {applied, refused, stopped} = await retryQuarantine(
      runnerOn(session, sql, io.pgVersion()),
      session.signal,
      only,
    );
    const words = [
      `${plural(applied, 'event')} applied`,
      `${count(refused.length)} refused`,
      ...refused.slice(0, MAX_LISTED).map(({event, reason}) => `${event}: ${reason}`),
    ];
    const outcome = stopped ? 'cancelled' : refused.length > 0 ? (applied > 0 ? 'partial' : 'failed') : 'done';
    return {outcome, rows: applied, summary: `${words.join('; ')}.`};
  } catch (error) {
    const {message, sqlstate} = failureOf(error);
    return {outcome: sqlstate === '57014' ? 'cancelled' : 'failed', rows: undefined, summary: message};
  }
}
