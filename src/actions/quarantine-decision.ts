import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {beginStatement, COMMIT} from '../io/transaction.ts';
import {keepNewest} from '../sync/newest.ts';
import type {Ask} from '../sync/session.ts';
import {settle} from '../sync/settle.ts';
import {type SyncEvent, storedEventOf} from '../sync/sync-event.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {recordInTransaction} from './audit.ts';
import {fact} from './facts.ts';
import type {RowChange} from './plan.ts';
import {NO_REASON, reasonOf} from './reason.ts';
import {refused} from './refused.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {runnerOn} from './sync-runner.ts';
import type {Target} from './target.ts';

/** Lists and decides over events in quarantine. */
export const quarantineRows = {schema: 'analytics', name: 'sync_quarantine', read: 'actions/quarantine'} as const;

type Decision = 'accepted' | 'rejected';

/** Makes an action that decides so over events in quarantine. */
export function defineDecision({
  id,
  title,
  help,
  how,
}: Pick<Action, 'id' | 'title' | 'help'> & {readonly how: Decision}): Action {
  return {
    id,
    title,
    key: '',
    danger: 'destroys',
    help,
    targets: ['rows'],
    orphan: 'ends',
    prepare: (context, target) => prepareDecision({id, how}, context, target),
  };
}

const STATEMENTS: Readonly<Record<Decision, readonly string[]>> = {
  accepted: ['actions/any_clock', 'actions/correct_trade', 'sync/lock_pairs', 'sync/known', 'sync/settle'],
  rejected: [],
};

type Deciding = {readonly id: string; readonly how: Decision};

async function prepareDecision(deciding: Deciding, context: ActionContext, target: Target): Promise<Prepared> {
  const keys = target.kind === 'rows' ? target.keys : [];
  const {io, sql, options} = context;
  const [rows, [may]] = [await io.query('actions/quarantine', [keys]), await io.query('actions/may_edit')];
  if (!may?.quarantine || (deciding.how === 'accepted' && !may.trades)) {
    return refused('This user may not decide over the quarantine: connect as tradetop_operator.');
  }
  const reason = reasonOf(options.edit);
  if (reason === undefined) return refused(NO_REASON);
  const missing = keys.find(key => !rows.some(row => row.key === key));
  if (missing !== undefined) return refused(`There is no event ${sanitise(missing, 40)} in quarantine.`);
  const closed = rows.find(row => row.resolved_at !== null);
  if (closed) return refused(`Event ${closed.key} was ${closed.resolution ?? 'resolved'} already.`);
  const names = [...STATEMENTS[deciding.how], 'actions/resolve_quarantine', 'audit/record'];
  return {
    facts: [
      ...rows.map(row => fact(`event ${row.key}`, `${row.kind} ${row.event_key}: ${row.reason}`)),
      fact('reason', reason),
    ],
    sql: [beginStatement(), ...names.map(name => shown(sql.statement(name, io.pgVersion()))), COMMIT],
    refusal: undefined,
    changes: rows.map(row => changeOf(row, deciding.how, reason)),
    execute: session => decideAll(deciding, session, context, rows),
  };
}

const changeOf = (row: Raw, how: Decision, reason: string): RowChange => ({
  key: String(row.key),
  before: {kind: row.kind ?? null, event_key: row.event_key ?? null, event: row.event ?? null},
  after: {resolution: how, reason},
});

async function decideAll(
  deciding: Deciding,
  session: Session,
  context: ActionContext,
  rows: readonly Raw[],
): Promise<Result> {
  const changes: RowChange[] = [];
  const words: string[] = [];
  for (const row of rows) {
    const change = changeOf(row, deciding.how, context.options.edit?.reason ?? '');
    try {
      await decide(deciding, session, context, {row, change});
      changes.push(change);
      words.push(`Event ${row.key} ${deciding.how}.`);
    } catch (error) {
      const {message, sqlstate} = failureOf(error);
      words.push(`Event ${row.key} stays in quarantine: ${sanitise(message)}.`);
      if (sqlstate === '57014') break;
    }
  }
  const outcome = changes.length === rows.length ? 'done' : changes.length > 0 ? 'partial' : 'failed';
  return {outcome, rows: changes.length, changes, summary: words.join(' ')};
}

type Work = {readonly row: Raw; readonly change: RowChange};

function decide({id, how}: Deciding, session: Session, {io, sql, operator}: ActionContext, {row, change}: Work) {
  const who = sanitise(`${operator.osUser} from ${operator.client}`, 100);
  return runnerOn(session, sql, io.pgVersion()).transaction(async ask => {
    if (how === 'accepted') await accept(ask, storedEventOf(String(row.event)));
    const closed = await ask('actions/resolve_quarantine', [row.key, how, who, change.after.reason]);
    if (closed.length === 0) throw new Error('somebody else has decided meanwhile');
    await recordInTransaction(ask, {
      actionId: id,
      table: 'analytics.sync_quarantine',
      target: String(row.key),
      operator,
      change,
    });
  });
}

async function accept(ask: Ask, event: SyncEvent | undefined): Promise<void> {
  if (!event) throw new Error('the event cannot be read');
  await ask('actions/any_clock');
  if (event.kind !== 'trades') {
    const batch = event.kind === 'positions' ? {positions: [event], marks: []} : {positions: [], marks: [event]};
    await keepNewest(ask, batch);
    return;
  }
  await ask('sync/lock_pairs', [[event.key], [event.accountId], [event.symbol]]);
  const {quantity, price, side} = event;
  const rest = [null, side ?? null, null, null, null, null, null, null];
  // Where there is a row it becomes what the event says; the event's own figures then count beside it.
  await ask('actions/correct_trade', [event.key, price, quantity, ...rest]);
  const {refused: still} = await settle(ask, {events: [event], insists: true});
  const [refusal] = still;
  if (refusal) throw new Error(refusal.why);
}
