import type {Severity} from '../core/severity.ts';
import type {PositionLimitRow} from '../monitor/position-limits.ts';
import type {RiskEventRow, RiskLimitRow} from '../monitor/risk.ts';
import {judge, LIMITS} from './limits.ts';

/** What a risk limit and a position limit have in common. */
type AnyLimit = Pick<RiskLimitRow, 'enabled' | 'percent' | 'warnFraction'>;

/**
 * How much of a limit is used, 0…1 and beyond, on the scale of a limit that warns at 80 %: one that warns at another part
 * has that part at 0.8. Undefined: not known, or the limit is not watched.
 */
export function usedShare({enabled, percent, warnFraction}: AnyLimit): number | undefined {
  if (!enabled || percent === undefined) return undefined;
  const share = percent / 100;
  if (share >= 1 || warnFraction >= 1) return share >= 1 ? share : share * LIMITS.riskUsed.warn;
  const {warn} = LIMITS.riskUsed;
  return share <= warnFraction
    ? (share / warnFraction) * warn
    : warn + ((share - warnFraction) / (1 - warnFraction)) * (1 - warn);
}

/** Whether all of a limit is used. */
export const isBreached = (row: RiskLimitRow): boolean => (usedShare(row) ?? 0) >= 1;

/** How bad a position is against its limit: over it, near it, or well below. At its limit it is not over it. */
export const positionSeverity = (row: PositionLimitRow): Severity =>
  row.breachedAt === undefined ? judge(Math.min(usedShare(row) ?? 0, 1), LIMITS.riskUsed) : 'crit';

/** How bad the use of a limit is. */
export const limitSeverity = (row: RiskLimitRow): Severity => judge(usedShare(row) ?? 0, LIMITS.riskUsed);

/** How bad an event is that is not settled; one that somebody has acknowledged no longer asks for anybody. */
export const eventSeverity = ({severity, acknowledgedAt}: RiskEventRow): Severity =>
  acknowledgedAt !== undefined || severity === 'info' ? 'ok' : severity === 'critical' ? 'crit' : 'warn';

/** What a limit or an event is about: account, strategy and symbol, or `all`. */
export const scopeOf = ({
  accountId,
  strategy,
  symbol,
}: Pick<RiskLimitRow, 'accountId' | 'strategy' | 'symbol'>): string =>
  [accountId, strategy, symbol].filter(part => part !== undefined).join(' ') || 'all';
