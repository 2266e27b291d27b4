import type {Outcome, Plan, Progress} from '../../actions/plan.ts';
import type {Config} from '../../config/config.ts';
import {duration, percent as percentOf} from '../../core/format.ts';
import {pgName} from '../../io/targets.ts';

/** What a run would do, as lines to read. */
export function planLines(plan: Plan, {environment, trading}: Config): readonly string[] {
  const width = Math.max(...plan.facts.map(f => f.label.length), 8);
  return [
    `${plan.title} on ${plan.targetName}, ${pgName(trading)} (${environment === 'prod' ? 'PROD' : environment})`,
    ...plan.facts.map(f => `  ${f.label.padEnd(width)}  ${f.value}${f.warn ? '  (!)' : ''}`),
    ...plan.sql.map(statement => `  ${statement};`),
  ];
}

/** `2/7 execution.trades: scanning heap 43%; blocked by pid 4121 (analytics) for 8s`. */
export function progressLine({step, steps, current, phase, percent, blockers}: Progress): string {
  const share = percent === undefined ? '' : ` ${percentOf(percent, 0)}`;
  const by = blockers.length > 0 ? `; blocked by ${blockers.join(', ')}` : '';
  return `${step}/${steps} ${current}: ${phase}${share}${by}`;
}

/** How a run ended, as lines to read. */
export const outcomeLines = ({outcome, summary, ms, auditId}: Outcome): readonly string[] => [
  `${outcome}: ${summary}`,
  `  took ${duration(ms)}${auditId === undefined ? '' : `, audit record ${auditId}`}`,
];

/** The one document that an action prints with `--json`. */
export const maintainJson = (plan: Plan, {outcome, sql, ms, rows, notices, auditId, changes}: Outcome): string =>
  JSON.stringify({
    action: plan.actionId,
    target: plan.targetName,
    outcome,
    sql,
    ms,
    rows: rows ?? null,
    notices,
    audit_id: auditId ?? null,
    ...(changes ? {changes} : {}),
  });
