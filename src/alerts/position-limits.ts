import {age, money, percent, plural} from '../core/format.ts';
import type {PositionLimitRow} from '../monitor/position-limits.ts';
import {LIMITS, near} from './limits.ts';
import {scopeOf, usedShare} from './risk-state.ts';
import {type AlertRule, found, measured} from './rule.ts';

/** A limit that was not measured for so long is not watched, in seconds. */
const UNWATCHED = 120;

const rowOf = ({id}: PositionLimitRow) => ({pane: 'risk', key: `position ${id}`}) as const;

/** `quantity of ACC-01 AAPL: 120.00 of 100.00 (120.0%)`. */
const usedText = (row: PositionLimitRow): string =>
  `${row.limitType.replace('position_', '')} of ${scopeOf(row)}: ${money(row.used)} of ${money(row.limitValue)} (${percent(row.percent)})`;

/** Positions against their limits, as the synchroniser measures them. */
export const positionLimitRules: readonly AlertRule[] = [
  {
    id: 'position_limit',
    when: 'more is held than a position limit allows',
    needs: ['position_limits'],
    owner: 'risk',
    todo: 'Reduce the position, or raise the limit: S on it (set-position-limit); the risk event of the breach is in Risk.',
    find: ({samples: {position_limits: limits}}) =>
      limits.rows
        .filter(row => row.breachedAt !== undefined)
        .flatMap(row =>
          found('crit', {
            subject: row.id,
            text: `Over the limit: ${usedText(row)}`,
            since: row.breachedAt,
            row: rowOf(row),
          }),
        ),
  },
  {
    id: 'position_limit_used',
    when: 'much of a position limit is used, by the scale of one that warns at 80 %',
    needs: ['position_limits'],
    owner: 'risk',
    todo: 'Reduce what uses it before it is breached, or raise it: S on it (set-position-limit).',
    limits: {unit: 'share', ...LIMITS.riskUsed, clear: 0.75},
    find: ({samples: {position_limits: limits}}, thresholds) =>
      limits.rows.flatMap(row => {
        const value = usedShare(row);
        if (value === undefined || row.breachedAt !== undefined || !near(value, thresholds)) return [];
        return measured(value, {subject: row.id, text: usedText(row), row: rowOf(row)});
      }),
  },
  {
    id: 'position_limit_unwatched',
    when: `position limits have not been measured for ${age(UNWATCHED)}`,
    needs: ['position_limits'],
    owner: 'risk',
    todo: 'Look at the workers in Sync: tradetop sync measures the limits.',
    find: ({at, samples: {position_limits: limits}}) => {
      const old = limits.rows.filter(row => row.enabled && row.evaluatedSeconds > UNWATCHED);
      const oldest = old.toSorted((a, b) => b.evaluatedSeconds - a.evaluatedSeconds)[0];
      return found(oldest === undefined ? 'ok' : 'warn', {
        text: `${plural(old.length, 'position limit')} not measured, ${oldest && scopeOf(oldest)} for ${age(oldest?.evaluatedSeconds)}`,
        since: oldest && at - oldest.evaluatedSeconds * 1e6,
        row: oldest && rowOf(oldest),
        causedBy: 'sync_stopped',
      });
    },
  },
];
