import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {openPg, type Pg} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {Action, Prepared, Result} from './action.ts';
import {auditEnd, auditStart, newAuditRun} from './audit.ts';
import {type ActionConnection, openActionConnection} from './connection.ts';
import {findTarget} from './find-target.ts';
import {closeLostRuns} from './lost-runs.ts';
import {cannotAsk, NOTHING_CHANGES, planOf, prepare, safe} from './make-plan.ts';
import {openSession} from './open-session.ts';
import {type Operator, thisOperator} from './operator.ts';
import type {ActionOptions, Outcome, Plan, Progress} from './plan.ts';
import {reasonOf} from './reason.ts';
import {runningWords} from './running.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import type {Target} from './target.ts';
import {auditTable, lockName, targetName} from './target.ts';

export type GateOptions = {
  readonly config: Config;
  readonly sql: SqlLibrary;
  readonly actions: readonly Action[];
  /** The application name of the action's connection on the server: `tradetop maintain`. */
  readonly name: string;
  /** Asked before every run, since the console can change it. Default: the configuration's. */
  readonly readOnly?: () => boolean;
  /** The lock timeout of the action's statements, in milliseconds. Default 2,000. */
  readonly lockMs?: number;
  readonly operator?: Operator;
  /** Process ids of the program's other connections to the server, which no action may signal. Default: none. */
  readonly own?: () => readonly number[];
};

type ActionRunOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
};

/** The only way to act on a server. What goes wrong is in the plan or the outcome; only bugs are thrown. */
export type Gate = {
  readonly actions: readonly Action[];
  /** What a run would do: the dry run, and the dialog's text. Changes nothing. */
  readonly plan: (actionId: string, target: Target, options?: ActionOptions) => Promise<Plan>;
  /** The target of an action that a typed name means. Throws a UserError where it means none or several, or the server does not answer. */
  readonly find: (name: string, actionId: string) => Promise<Target>;
  /**
   * Runs a plan on a connection of its own: prepares it again, takes the advisory lock of action and target, writes the
   * audit record, does the work, judges it by its effect and writes the audit record of its end. The signal cancels it on
   * the server; the promise settles when the server's work has ended.
   */
  readonly run: (plan: Plan, options?: ActionRunOptions) => Promise<Outcome>;
  /** Closes in the audit log the runs whose console died. Gives how many; none where this user may not, or may not act. */
  readonly closeLost: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Makes the gate. It connects when something is planned. */
export function createGate(options: GateOptions): Gate {
  const {config, sql, actions, name, lockMs = 2000} = options;
  const ask = openPg(config.trading, sql, {name: `${name} progress`, statementMs: 5000, reads: 'as itself'});
  const readOnly = options.readOnly ?? (() => config.readOnly);
  const operator = options.operator ?? thisOperator();
  const own = (): ReadonlySet<number> => new Set([...ask.pids(), ...(options.own?.() ?? [])]);
  const find = (id: string): Action => {
    const action = actions.find(a => a.id === id);
    if (!action) throw new Error(`no action ${id}`);
    return action;
  };
  const named = (target: Target): SafeText => targetName(target, config.trading.database);
  const looking = {io: ask, actions, operator, database: config.trading.database};
  return {
    actions,
    plan: (id, target, options = {}) =>
      planOf({action: find(id), target, options, named, ask, readOnly, operator, own: own(), config}),
    find: (name, id) =>
      findTarget(ask, name, {database: config.trading.database, kinds: find(id).targets}).catch(error =>
        Promise.reject(unusable(ask.target, error)),
      ),
    run: async (plan, {signal = new AbortController().signal, onProgress = () => {}} = {}) => {
      const action = find(plan.actionId);
      const startedAt = performance.now();
      const refuse = (why: string): Outcome => refused(why, startedAt);
      if (readOnly() && !action.inConsole) return refuse(NOTHING_CHANGES);
      const connection = await openActionConnection(config.trading, sql, {name, lockMs, orphan: action.orphan});
      if (!connection.ok) return refuse(connection.why);
      try {
        await closeLostRuns(looking).catch(() => {});
        return await underLock({
          action,
          plan,
          connection,
          own: own(),
          ask,
          sql,
          redis: config.redis,
          operator,
          signal,
          onProgress,
          startedAt,
          refuse,
        });
      } finally {
        await connection.close();
      }
    },
    closeLost: async () => (readOnly() ? 0 : closeLostRuns(looking).catch(() => 0)),
    close: ask.close,
  };
}

type Running = {
  readonly action: Action;
  readonly plan: Plan;
  readonly connection: ActionConnection;
  readonly own: ReadonlySet<number>;
  readonly ask: Pg;
  readonly sql: SqlLibrary;
  readonly redis: Config['redis'];
  readonly operator: Operator;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly startedAt: number;
  readonly refuse: (why: string) => Outcome;
};

async function underLock(running: Running): Promise<Outcome> {
  const {action, plan, connection, own, ask, sql, redis, operator, signal, onProgress, startedAt, refuse} = running;
  const {client, pid, backendStart, lockMs} = connection;
  let prepared: Prepared;
  try {
    const {options = {}, basis} = plan;
    prepared = await prepare(action, ask, plan.target, {options, operator, redis, own: new Set([...own, pid]), basis});
    if (prepared.refusal !== undefined) return refuse(prepared.refusal);
    if (action.danger === 'destroys' && safe(prepared.sql).join(';') !== plan.sql.join(';')) {
      return refuse('The statements have changed since they were shown. Plan the action again.');
    }
    const lock = lockName(action.id, plan.target, connection.database);
    const {rows} = await client.query(sql.statement('actions/lock_try', 0), [lock]);
    if (!rows[0].locked) {
      const who = await runningWords(ask, action.id, plan.target, plan.targetName, connection.database);
      return refuse(who ?? 'Another session started the same action on this target a moment ago.');
    }
  } catch (error) {
    return refuse(cannotAsk(ask, error));
  }
  const table = auditTable(plan.target, connection.database);
  const audit = newAuditRun({actionId: action.id, table, targetName: plan.targetName, operator});
  let auditId: string;
  try {
    auditId = await auditStart(client, sql, audit, {...prepared, reason: reasonOf(plan.options?.edit)});
  } catch (error) {
    return refuse(notAudited(error));
  }
  const session = openSession({client, ask, pid, backendStart, lockMs, signal, onProgress});
  let result: Result;
  try {
    result = await prepared.execute(session);
  } catch (error) {
    // A bug: the audit log must still say that the run is over.
    const summary = `Ended by a bug: ${failureOf(error).message}`;
    const ended = outcomeOf({outcome: 'failed', rows: undefined, summary}, session, auditId, startedAt);
    await auditEnd(ask, audit, ended).catch(() => {});
    throw error;
  }
  const outcome = outcomeOf(result, session, auditId, startedAt);
  try {
    await auditEnd(ask, audit, outcome);
    return outcome;
  } catch (error) {
    const note = `Its end could not be written to the audit log: ${failureOf(error).message}.`;
    return {...outcome, summary: sanitise(`${outcome.summary} ${note}`)};
  }
}

function notAudited(error: unknown): string {
  const {message, sqlstate} = failureOf(error);
  const next =
    sqlstate === '42501' || sqlstate === '25006'
      ? 'Connect as tradetop_operator, or GRANT INSERT, SELECT ON shared.audit_log.'
      : sqlstate === '42P01' || sqlstate === '3F000' || sqlstate === '42703'
        ? 'Run: tradetop setup'
        : '';
  return `Not started, because the audit log cannot be written: ${message}. ${next}`.trim();
}

const outcomeOf = (result: Result, session: Session, auditId: string, startedAt: number): Outcome => ({
  outcome: result.outcome,
  summary: sanitise(result.summary),
  sql: safe(session.sent().map(shown)).filter((statement, i, all) => statement !== all[i - 1]),
  ms: Math.round(performance.now() - startedAt),
  rows: result.rows,
  ...(result.changes ? {changes: result.changes} : {}),
  notices: session.notices(),
  auditId,
});

const refused = (why: string, startedAt: number): Outcome => ({
  outcome: 'failed',
  summary: sanitise(why),
  sql: [],
  ms: Math.round(performance.now() - startedAt),
  rows: undefined,
  notices: [],
  auditId: undefined,
  refused: true,
});
