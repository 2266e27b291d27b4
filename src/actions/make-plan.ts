import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import {pgName} from '../io/targets.ts';
import type {Action, ActionContext, Prepared} from './action.ts';
import {lastRunFact} from './audit.ts';
import {standbyWords} from './connection.ts';
import {deskFacts} from './facts.ts';
import type {Operator} from './operator.ts';
import type {ActionOptions, Plan} from './plan.ts';
import {runningWords} from './running.ts';
import {auditTable, type Target} from './target.ts';

/** Why nothing runs while the console is read-only. */
export const NOTHING_CHANGES =
  'Read-only: nothing may be changed here. To allow actions: --no-read-only, or TRADETOP_READ_ONLY=0.';

type Planning = {
  readonly action: Action;
  readonly target: Target;
  readonly options: ActionOptions;
  readonly named: (target: Target) => SafeText;
  readonly ask: Pg;
  readonly readOnly: () => boolean;
  readonly operator: Operator;
  readonly own: ReadonlySet<number>;
  readonly config: Config;
};

/** What a run would do, or why it cannot be asked. Throws bugs only. */
export async function planOf({
  action,
  target,
  options,
  named,
  ask,
  readOnly,
  operator,
  own,
  config,
}: Planning): Promise<Plan> {
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
    const prepared = await prepare(action, ask, target, {
      options,
      operator,
      redis: config.redis,
      own,
      basis: undefined,
    });
    const running = await runningWords(ask, action.id, target, base.targetName, config.trading.database);
    // A process id that comes again is another session: its last run is no matter of this one.
    const last =
      target.kind === 'sessions'
        ? undefined
        : await lastRunFact(ask, {...base, table: auditTable(target, config.trading.database)});
    const desk = concernsDesk(target) ? await deskFacts(ask) : [];
    const refusal = readOnly() && !action.inConsole ? NOTHING_CHANGES : (prepared.refusal ?? running);
    return {
      ...base,
      sql: safe(prepared.sql),
      facts: [...prepared.facts, ...desk, ...(last ? [last] : [])],
      refusal: refusal === undefined ? undefined : sanitise(refusal),
      ...(prepared.typed ? {typed: true} : {}),
      ...(prepared.changes ? {changes: prepared.changes} : {}),
      ...(prepared.basis ? {basis: prepared.basis} : {}),
    };
  } catch (error) {
    return refusedPlan(cannotAsk(ask, error));
  }
}

/** Whether an act on it may matter to those who trade now: an edit of settings, marks or events does not by itself. */
const concernsDesk = (target: Target): boolean =>
  target.kind !== 'rows' || ['execution', 'risk_management', 'strategy_engine'].includes(target.schema);

/** Statements as they are shown. */
export const safe = (statements: readonly string[]): readonly SafeText[] => statements.map(s => sanitise(s));

/** Has an action look at its target; a standby refuses whatever it is. Rejects with the driver's error. */
export async function prepare(
  action: Action,
  ask: Pg,
  target: Target,
  rest: Omit<ActionContext, 'io' | 'sql'>,
): Promise<Prepared> {
  // The first query learns the server's version, by which statements are chosen.
  const [backend] = await ask.query('pg/backend');
  const prepared = await action.prepare({io: ask, sql: ask.sql, ...rest}, target);
  return backend?.standby === true ? {...prepared, refusal: standbyWords(ask.target)} : prepared;
}

/** Why the server could not be asked, with what to do. Throws bugs again. */
export function cannotAsk(ask: Pg, error: unknown): string {
  const failure = failureOf(error);
  if (failure.why === 'bug') throw error;
  if (failure.why === 'down' || failure.why === 'timeout' || failure.sqlstate?.startsWith('28')) {
    const {message, next} = unusable(ask.target, error);
    return `${message} ${next}`.trim();
  }
  return `${pgName(ask.target)}: ${failure.message}. ${failure.next}`.trim();
}
