import {age, percent} from '../../../src/core/format.ts';
import {
  ageColumn,
  decimalColumn,
  detailColumn,
  isoOrNull,
  NONE,
  numberColumn,
  severityColumn,
  textColumn,
} from '../../lines/columns.ts';
import {type Column, emptyWhere} from '../../lines/table.ts';
import type {RiskPaneRow as Row} from './row.ts';

const limitOf = (row: Row) => (row.kind === 'event' ? undefined : row.of);
const riskLimitOf = (row: Row) => (row.kind === 'limit' ? row.of : undefined);
const positionOf = (row: Row) => (row.kind === 'position' ? row.of : undefined);
const eventOf = (row: Row) => (row.kind === 'event' ? row.of : undefined);

/** What there is to say beside the numbers. */
function note(row: Row): string {
  if (row.kind !== 'event' && !row.of.enabled) return 'not watched';
  if (row.kind === 'limit') return row.of.of ?? '';
  if (row.kind === 'position') return row.of.breachedAt === undefined ? '' : 'over its limit';
  const {acknowledgedBy, message} = row.of;
  return acknowledgedBy === undefined ? message : `acknowledged by ${acknowledgedBy} · ${message}`;
}

const strongWhenBad = (row: Row) => (row.severity === 'crit' ? 'crit' : row.severity === 'warn' ? 'strong' : undefined);

/** The columns of the screen, then what only JSON and the details of a row have. */
export const riskColumns: readonly Column<Row>[] = [
  severityColumn({of: row => row.severity}),
  textColumn({
    id: 'kind',
    title: 'KIND',
    priority: 6,
    width: 5,
    ideal: 8,
    max: 8,
    value: row => row.kind,
    style: () => 'faint',
  }),
  textColumn({
    id: 'owner',
    title: 'OWNER',
    priority: 0,
    width: 7,
    ideal: 8,
    max: 36,
    value: row => row.owner,
    style: () => 'strong',
  }),
  textColumn({id: 'what', title: 'LIMIT OR EVENT', priority: 0, width: 14, ideal: 18, max: 30, value: row => row.what}),
  numberColumn({
    id: 'percent',
    title: 'USED %',
    priority: 0,
    width: 6,
    value: row => limitOf(row)?.percent,
    format: n => percent(n),
    text: row => (row.kind === 'event' ? '' : percent(row.of.percent)),
    style: strongWhenBad,
  }),
  decimalColumn({
    id: 'used',
    title: 'USED',
    priority: 1,
    width: 10,
    digits: row => limitOf(row)?.used ?? eventOf(row)?.observedValue,
    decimals: 2,
  }),
  decimalColumn({
    id: 'limit_value',
    title: 'LIMIT',
    priority: 2,
    width: 10,
    digits: row => row.of.limitValue,
    decimals: 2,
  }),
  emptyWhere(
    row => row.kind === 'event',
    decimalColumn<Row>({
      id: 'headroom',
      title: 'HEADROOM',
      priority: 5,
      width: 10,
      digits: row => limitOf(row)?.headroom,
      decimals: 2,
    }),
  ),
  numberColumn({
    id: 'slope_percent',
    title: '%/MIN',
    priority: 3,
    width: 6,
    value: row => riskLimitOf(row)?.slopePercent,
    format: n => `${n > 0 ? '+' : ''}${percent(n)}`,
    missing: NONE,
  }),
  numberColumn({
    id: 'breach_seconds',
    title: 'FULL IN',
    priority: 4,
    width: 7,
    value: row => riskLimitOf(row)?.breachSeconds,
    format: age,
    missing: NONE,
  }),
  ageColumn({id: 'occurred_at', title: 'AGE', priority: 1, width: 5, at: row => eventOf(row)?.occurredAt, missing: ''}),
  textColumn({id: 'note', title: 'NOTE', priority: 0, width: 8, ideal: 12, max: 500, share: 0.2, value: note}),
  detailColumn({id: 'id', value: row => row.of.id}),
  detailColumn({id: 'account_id', value: row => row.of.accountId}),
  detailColumn({id: 'strategy', value: row => row.of.strategy}),
  detailColumn({id: 'symbol', value: row => row.of.symbol}),
  detailColumn({id: 'max_quantity', value: row => positionOf(row)?.maxQuantity}),
  detailColumn({id: 'max_value', value: row => positionOf(row)?.maxValue}),
  detailColumn({id: 'warn_fraction', value: row => limitOf(row)?.warnFraction}),
  detailColumn({id: 'enabled', value: row => limitOf(row)?.enabled}),
  detailColumn({id: 'updated_by', value: row => limitOf(row)?.updatedBy}),
  detailColumn({id: 'updated_at', value: row => isoOrNull(limitOf(row)?.updatedAt)}),
  detailColumn({id: 'breached_at', value: row => isoOrNull(positionOf(row)?.breachedAt)}),
  detailColumn({id: 'evaluated_seconds', value: row => positionOf(row)?.evaluatedSeconds}),
  detailColumn({id: 'limit_id', value: row => eventOf(row)?.limitId}),
  detailColumn({id: 'event_severity', value: row => eventOf(row)?.severity}),
  detailColumn({id: 'message', value: row => eventOf(row)?.message}),
  detailColumn({id: 'correlation_id', value: row => eventOf(row)?.correlationId}),
  detailColumn({id: 'acknowledged_at', value: row => isoOrNull(eventOf(row)?.acknowledgedAt)}),
  detailColumn({id: 'acknowledged_by', value: row => eventOf(row)?.acknowledgedBy}),
];

const OF_LIMITS = ['percent', 'headroom', 'warn_fraction', 'enabled', 'updated_by', 'updated_at'];
const OF_RISK_LIMITS = ['slope_percent', 'breach_seconds'];
const OF_POSITION_LIMITS = ['max_quantity', 'max_value', 'breached_at', 'evaluated_seconds'];
const OF_EVENT = ['occurred_at', 'limit_id', 'event_severity', 'message', 'correlation_id'];
const OF_EVENTS = [...OF_EVENT, 'acknowledged_at', 'acknowledged_by'];

/** What rows of a kind do not have, by kind. */
const LACKING: Readonly<Record<Row['kind'], readonly string[]>> = {
  limit: [...OF_EVENTS, ...OF_POSITION_LIMITS],
  position: [...OF_EVENTS, ...OF_RISK_LIMITS],
  event: [...OF_LIMITS, ...OF_RISK_LIMITS, ...OF_POSITION_LIMITS],
};

/** Whether rows of this kind have the column at all. */
export const riskApplies = ({kind}: Row, id: string): boolean => !LACKING[kind].includes(id);
