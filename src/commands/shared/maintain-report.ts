import type {Outcome, Plan, Progress} from '../../actions/action.ts';
import type {Config} from '../../config/config.ts';
import {pgName} from '../../io/targets.ts';

/** What would be done, for people. */
export function planLines(plan: Plan, {environment, trading}: Config): readonly string[] {
  const width = Math.max(...plan.facts.map(f => f.label.length), 8);
  return [
    `${plan.title} on ${plan.targetName}, ${pgName(trading)} (${environment === 'prod' ? 'PROD' : environment})`,
    ...plan.facts.map(f => `  ${f.label.padEnd(width)}  ${f.value}${f.warn ? '  (!)' : ''}`),
    ...plan.sql.map(statement => `  ${statement};`),
  ];
}

/** `2/7 execution.trades: scanning heap 43 %; held up by pid 4121 (analytics) for 8 s`. */
export function progressLine({step, steps, current, phase, percent, blockers}: Progress): string {
  const share = percent === undefined ? '' : ` ${Math.floor(percent)} %`;
  const by = blockers.length > 0 ? `; held up by ${blockers.join(', ')}` : '';
  return `${step}/${steps} ${current}: ${phase}${share}${by}`;
}

/** How it ended, for people. */
export const outcomeLines = ({outcome, summary, ms, auditId}: Outcome): readonly string[] => [
  `${outcome}: ${summary}`,
  `  took ${(ms / 1000).toFixed(1)} s${auditId === undefined ? '' : `, audit record ${auditId}`}`,
];

/** The one document of an action's `--json`. */
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
