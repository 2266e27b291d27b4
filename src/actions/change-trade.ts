import {failureOf} from '../core/errors.ts';
import {plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {beginStatement, COMMIT} from '../io/transaction.ts';
import {closedEntry, type KnownTrade} from '../sync/known-trade.ts';
import {type Settled, settle} from '../sync/settle.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {recordInTransaction} from './audit.ts';
import {fact} from './facts.ts';
import type {EditOptions, Fact, RowChange} from './plan.ts';
import {NO_REASON, reasonOf} from './reason.ts';
import {refused} from './refused.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {runnerOn} from './sync-runner.ts';
import type {Target} from './target.ts';
import {readTrade, tradeFacts} from './trade-facts.ts';

/** A way to change the row of one trade. */
export type TradeChange = Pick<Action, 'id' | 'title' | 'help'> & {
  /** It takes the row out: also one that was written again after its trade had been archived. */
  readonly takesOut?: true;
  /** The statement that changes the row. */
  readonly statement: string;
  /** Its parameters after the trade's id, lines for the dialog, and the change as the audit log keeps it; or why not. */
  readonly change: (trade: KnownTrade, options: EditOptions) => TradeChanged | string;
};

/** What is to be done to a row. */
export type TradeChanged = {
  readonly params: readonly unknown[];
  readonly facts: readonly Fact[];
  readonly after: RowChange['after'];
};

/** Makes an action of it: row, ledger, analytics and a record in the audit log change in one transaction, or none does. */
export const defineTradeChange = (spec: TradeChange): Action => ({
  id: spec.id,
  title: spec.title,
  key: '',
  danger: 'destroys',
  help: spec.help,
  targets: ['rows'],
  orphan: 'ends',
  prepare: (context, target) => prepareChange(spec, context, target),
});

const STATEMENTS = ['sync/lock_pairs', 'sync/known', 'sync/settle', 'audit/record'] as const;

async function prepareChange(spec: TradeChange, context: ActionContext, target: Target): Promise<Prepared> {
  const [id] = target.kind === 'rows' ? target.keys : [];
  if (id === undefined) throw new Error('no trade');
  const {io, sql, options} = context;
  const [trade, [may]] = [await readTrade(io, id), await io.query('actions/may_edit')];
  if (!may?.trades) return refused('This user may not change trades: connect as tradetop_operator.');
  const reason = reasonOf(options.edit);
  if (reason === undefined) return refused(NO_REASON);
  const closed = closedEntry(trade);
  const isCopy = trade.archived && trade.row !== undefined && !trade.rowArchived;
  if (closed !== undefined && !(isCopy && spec.takesOut)) return refused(`Refused: ${closed}.`);
  if (!trade.row) return refused(`There is no trade ${sanitise(id, 100)} in execution.trades.`);
  const changed = spec.change(trade, options.edit ?? {});
  if (typeof changed === 'string') return refused(changed);
  const before = {quantity: trade.row.quantity, price: trade.row.price, side: trade.row.side ?? null};
  const change = {key: id, before, after: {...changed.after, reason}};
  const statements = [spec.statement, ...STATEMENTS].map(name => shown(sql.statement(name, io.pgVersion())));
  return {
    facts: [...tradeFacts(trade), ...changed.facts, fact('reason', reason)],
    sql: [beginStatement(), ...statements, COMMIT],
    refusal: undefined,
    changes: [change],
    execute: session => run(spec, session, context, {id, params: changed.params, change}),
  };
}

type Work = {readonly id: string; readonly params: readonly unknown[]; readonly change: RowChange};

async function run(spec: TradeChange, session: Session, context: ActionContext, work: Work): Promise<Result> {
  const {id, params, change} = work;
  const {io, sql, operator} = context;
  const runner = runnerOn(session, sql, io.pgVersion());
  try {
    const settled = await runner.transaction(async ask => {
      await ask('sync/lock_pairs', [[id], [], []]);
      const rows = await ask(spec.statement, [id, ...params]);
      if (rows.length === 0) throw new Error('the trade is gone meanwhile');
      const done = await settle(ask, {rows: [id]});
      const [refusal] = done.refused;
      if (refusal) throw new Error(refusal.why);
      await recordInTransaction(ask, {actionId: spec.id, table: 'execution.trades', target: id, operator, change});
      return done;
    });
    return {outcome: 'done', rows: 1, changes: [change], summary: summaryOf(spec, id, settled)};
  } catch (error) {
    const {message, sqlstate} = failureOf(error);
    const outcome = sqlstate === '57014' ? 'cancelled' : 'failed';
    return {outcome, rows: undefined, summary: `Trade ${sanitise(id, 100)} was not changed: ${sanitise(message)}.`};
  }
}

const summaryOf = (spec: TradeChange, id: string, {restated}: Settled): string =>
  `${spec.title}: ${sanitise(id, 100)} is done; ${plural(restated, 'figure')} of this and later trades restated.`;
