import {age, money, percent, plural} from '../core/format.ts';
import type {RiskEventRow, RiskLimitRow} from '../monitor/risk.ts';
import {LIMITS, near} from './limits.ts';
import {eventSeverity, isBreached, scopeOf, usedShare} from './risk-state.ts';
import {type AlertRule, found, measured} from './rule.ts';

const rowOf = (kind: 'limit' | 'event', id: string) => ({pane: 'risk', key: `${kind} ${id}`}) as const;

/** `max_exposure of ACC-01: 1,260,000.00 of 1,500,000.00 (84.0%)`. */
function usedText(row: RiskLimitRow): string {
  const of = row.of === undefined ? '' : `, ${row.of}`;
  return `${row.limitType} of ${scopeOf(row)}: ${money(row.used)} of ${money(row.limitValue)} (${percent(row.percent)}${of})`;
}

/** The alert of the position limit whose breach the event is. */
const ofPosition = ({correlationId}: RiskEventRow): string | undefined =>
  correlationId?.startsWith('position_limit:') ? correlationId : undefined;

/** A limit that is used this much is watched for how fast it is being used up, in percent. */
const SLOPE_FROM = 60;

/** Risk limits that are neared or broken, and risk events that nobody has acknowledged. */
export const riskRules: readonly AlertRule[] = [
  {
    id: 'risk_breach',
    when: 'all of a risk limit is used',
    needs: ['risk_limits'],
    owner: 'risk',
    todo: 'Reduce what uses it, or raise the limit by S (tradetop limit set).',
    find: ({samples: {risk_limits: limits}}) =>
      limits.rows.filter(isBreached).flatMap(row =>
        found('crit', {
          subject: row.id,
          text: `Breached: ${usedText(row)}`,
          cause: row.of === undefined ? undefined : `the largest is ${row.of}`,
          row: rowOf('limit', row.id),
        }),
      ),
  },
  {
    id: 'risk_used',
    when: 'much of a risk limit is used, by the scale of one that warns at 80 %',
    needs: ['risk_limits'],
    owner: 'risk',
    todo: 'Reduce what uses it before it is breached; ⏎ in Risk has account, strategy and symbol.',
    limits: {unit: 'share', ...LIMITS.riskUsed, clear: 0.75},
    find: ({samples: {risk_limits: limits}}, thresholds) =>
      limits.rows.flatMap(row => {
        const value = usedShare(row);
        if (value === undefined || isBreached(row) || !near(value, thresholds)) return [];
        return measured(value, {subject: row.id, text: usedText(row), row: rowOf('limit', row.id)});
      }),
  },
  {
    id: 'risk_slope',
    when: `a risk limit of which more than ${SLOPE_FROM} % is used will be breached soon, at the pace of the last minutes`,
    needs: ['risk_limits'],
    owner: 'risk',
    todo: 'Find what buys: Orders by strategy; H halts it, or reduce.',
    limits: {unit: 'seconds', warn: 600, crit: 120, clear: 900, worse: 'under'},
    find: ({samples: {risk_limits: limits}}, thresholds) =>
      limits.rows.flatMap(row => {
        const {breachSeconds, percent: used = 0, enabled, slopePercent} = row;
        if (!enabled || breachSeconds === undefined || used <= SLOPE_FROM || !near(breachSeconds, thresholds))
          return [];
        return measured(breachSeconds, {
          subject: row.id,
          text: `${row.limitType} of ${scopeOf(row)} is breached in ${age(breachSeconds)}: ${percent(used)} used, ${percent(slopePercent)} more a minute`,
          row: rowOf('limit', row.id),
        });
      }),
  },
  {
    id: 'risk_event',
    when: 'a critical risk event is not acknowledged',
    needs: ['risk_events'],
    owner: 'risk',
    todo: 'Look at it in Risk, where a takes it on (tradetop ack).',
    find: ({at, samples: {risk_events: events}}) =>
      events.rows
        .filter(row => eventSeverity(row) === 'crit')
        .flatMap(row =>
          found('crit', {
            subject: row.id,
            text: `${row.eventType} of ${scopeOf(row)}: ${row.message}`,
            since: at - (row.ageSeconds ?? 0) * 1e6,
            row: rowOf('event', row.id),
            causedBy: row.limitId === undefined ? ofPosition(row) : `risk_breach:${row.limitId}`,
          }),
        ),
  },
  {
    id: 'risk_events_open',
    when: 'a risk event of severity warning has not been acknowledged for too long',
    needs: ['risk_events'],
    owner: 'risk',
    todo: 'Look at them in Risk, where a takes one on (tradetop ack).',
    limits: {unit: 'seconds', warn: 900},
    find: ({samples: {risk_events: events}}) => {
      const open = events.rows.filter(row => eventSeverity(row) === 'warn');
      const oldest = open.toSorted((a, b) => (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0))[0];
      if (oldest === undefined) return [];
      return measured(oldest.ageSeconds ?? 0, {
        text: `${plural(open.length, 'risk event')} not acknowledged, the oldest for ${age(oldest.ageSeconds)}: ${oldest.message}`,
        row: rowOf('event', oldest.id),
      });
    },
  },
];
