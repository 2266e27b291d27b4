import type {Severity} from '../core/severity.ts';
import type {MarketDataRow, MarketQualityRow} from '../monitor/market-data.ts';
import {judge, LIMITS} from './limits.ts';

/** The age of a symbol's last bar, in times of the usual interval between its bars; undefined: it has but one bar. */
export const lateTimes = ({ageSeconds, intervalSeconds}: MarketDataRow): number | undefined =>
  intervalSeconds === undefined || intervalSeconds <= 0 ? undefined : Math.max(0, ageSeconds) / intervalSeconds;

/** How late the next bar of a symbol is. */
export const barSeverity = (row: MarketDataRow): Severity => judge(lateTimes(row) ?? 0, LIMITS.lateBar);

/** How bad the findings about a symbol's data are. */
export const qualitySeverity = ({severity}: MarketQualityRow): Severity =>
  severity === 'critical' ? 'crit' : severity === 'info' ? 'ok' : 'warn';
