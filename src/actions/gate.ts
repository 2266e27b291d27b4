import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {openPg, type Pg} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {pgName} from '../io/targets.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {auditEnd, auditStart, lastRunFact, newAuditRun} from './audit.ts';
import {type ActionConnection, openActionConnection} from './connection.ts';
import {findTarget} from './find-target.ts';
import {openSession} from './open-session.ts';
import {type Operator, thisOperator} from './operator.ts';
import type {ActionOptions, Outcome, Plan, Progress} from './plan.ts';
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
  /** The target that a typed name means. Throws a UserError where it means none or several, or the server does not answer. */
  readonly find: (name: string) => Promise<Target>;
  /**
   * Runs a plan on a connection of its own: prepares it again, takes the advisory lock of action and target, writes the
   * audit record, does the work, judges it by its effect and writes the audit record of its end. The signal cancels it on
   * the server; the promise settles when the server's work has ended.
   */
  readonly run: (plan: Plan, options?: ActionRunOptions) => Promise<Outcome>;
  readonly close: () => Promise<void>;
};

const READ_ONLY = 'Read-only: nothing may be changed here. To allow actions: --no-read-only, or TRADETOP_READ_ONLY=0.';

/** Makes the gate. It connects when something is planned. */
export function createGate(options: GateOptions): Gate {
  const {config, sql, actions, name, lockMs = 2000} = options;
  const ask = openPg(config.trading, sql, {name: `${name} progress`, statementMs: 5000, reads: 'as itself'});
  const readOnly = options.readOnly ?? (() => config.readOnly);
  const operator = options.operator ?? thisOperator();
  const find = (id: string): Action => {
    const action = actions.find(a => a.id === id);
    if (!action) throw new Error(`no action ${id}`);
    return action;
  };
  const named = (target: Target): SafeText => targetName(target, config.trading.database);
  return {
    actions,
    plan: (id, target, options = {}) =>
      planOf({action: find(id), target, options, named, ask, readOnly, operator, config}),
    find: name =>
      findTarget(ask, name, config.trading.database).catch(error => Promise.reject(unusable(ask.target, error))),
    run: async (plan, {signal = new AbortController().signal, onProgress = () => {}} = {}) => {
      const action = find(plan.actionId);
      const startedAt = performance.now();
      const refuse = (why: string): Outcome => refused(why, startedAt);
      if (readOnly()) return refuse(READ_ONLY);
      const own = await openActionConnection(config.trading, sql, {name, lockMs, orphan: action.orphan});
      if (!own.ok) return refuse(own.why);
      try {
        return await underLock({action, plan, own, ask, sql, operator, signal, onProgress, startedAt, refuse});
      } finally {
        await own.close();
      }
    },
    close: ask.close,
  };
}

type Planning = {
  readonly action: Action;
  readonly target: Target;
  readonly options: ActionOptions;
  readonly named: (target: Target) => SafeText;
  readonly ask: Pg;
  readonly readOnly: () => boolean;
  readonly operator: Operator;
  readonly config: Config;
};

async function planOf({action, target, options, named, ask, readOnly, operator, config}: Planning): Promise<Plan> {
  const base = {
    actionId: action.id,
    title: action.title,
    target,
    targetName: named(target),
    danger: action.danger,
    options,
  };
  const refusedPlan = (why: string): Plan => ({...base, sql: [], facts: [], refusal: sanitise(why)});
  if (!action.targets.includes(target.kind))
    return refusedPlan(`${action.title} does not work on a ${target.kind}; it takes: ${action.targets.join(', ')}.`);
  try {
    const prepared = await prepare(action, ask, target, {options, operator, basis: undefined});
    const running = await runningWords(ask, action.id, target, base.targetName, config.trading.database);
    const last = await lastRunFact(ask, {...base, table: auditTable(target, config.trading.database)});
    const refusal = readOnly() ? READ_ONLY : (prepared.refusal ?? running);
    return {
      ...base,
      sql: safe(prepared.sql),
      facts: [...prepared.facts, ...(last ? [last] : [])],
      refusal: refusal === undefined ? undefined : sanitise(refusal),
      ...(prepared.changes ? {changes: prepared.changes} : {}),
      ...(prepared.basis ? {basis: prepared.basis} : {}),
    };
  } catch (error) {
    return refusedPlan(cannotAsk(ask, error));
  }
}

const safe = (statements: readonly string[]): readonly SafeText[] => statements.map(s => sanitise(s));

const prepare = (action: Action, ask: Pg, target: Target, rest: Omit<ActionContext, 'io' | 'sql'>): Promise<Prepared> =>
  // The first query learns the server's version, by which statements are chosen.
  ask.query('pg/backend').then(() => action.prepare({io: ask, sql: ask.sql, ...rest}, target));

function cannotAsk(ask: Pg, error: unknown): string {
  const failure = failureOf(error);
  if (failure.why === 'bug') throw error;
  if (failure.why === 'down' || failure.why === 'timeout' || failure.sqlstate?.startsWith('28')) {
    const {message, next} = unusable(ask.target, error);
    return `${message} ${next}`.trim();
  }
  return `${pgName(ask.target)}: ${failure.message}. ${failure.next}`.trim();
}

type Running = {
  readonly action: Action;
  readonly plan: Plan;
  readonly own: ActionConnection;
  readonly ask: Pg;
  readonly sql: SqlLibrary;
  readonly operator: Operator;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly startedAt: number;
  readonly refuse: (why: string) => Outcome;
};

async function underLock(running: Running): Promise<Outcome> {
  const {action, plan, own, ask, sql, operator, signal, onProgress, startedAt, refuse} = running;
  const {client, pid, backendStart, lockMs} = own;
  let prepared: Prepared;
  try {
    const {options = {}, basis} = plan;
    prepared = await prepare(action, ask, plan.target, {options, operator, basis});
    if (prepared.refusal !== undefined) return refuse(prepared.refusal);
    if (action.danger === 'destroys' && safe(prepared.sql).join(';') !== plan.sql.join(';')) {
      return refuse('The statements have changed since they were shown. Plan the action again.');
    }
    const lock = lockName(action.id, plan.target, own.database);
    const {rows} = await client.query(sql.statement('actions/lock_try', 0), [lock]);
    if (!rows[0].locked) {
      const who = await runningWords(ask, action.id, plan.target, plan.targetName, own.database);
      return refuse(who ?? 'Another session started the same action on this target a moment ago.');
    }
  } catch (error) {
    return refuse(cannotAsk(ask, error));
  }
  const table = auditTable(plan.target, own.database);
  const audit = newAuditRun({actionId: action.id, table, targetName: plan.targetName, operator});
  let auditId: string;
  try {
    auditId = await auditStart(client, sql, audit, prepared);
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
