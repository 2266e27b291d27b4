import {eventSeverity, limitSeverity, positionSeverity, scopeOf} from '../../../src/alerts/risk-state.ts';
import type {Severity} from '../../../src/core/severity.ts';
import type {PositionLimitRow} from '../../../src/monitor/position-limits.ts';
import type {RiskEventRow, RiskLimitRow} from '../../../src/monitor/risk.ts';

/** A row of the pane: a limit or a position limit with what is used of it, or an event that is not settled. */
export type RiskPaneRow = {
  readonly severity: Severity;
  /** Account, strategy and symbol. */
  readonly owner: string;
  /** The limit's type, or what happened. */
  readonly what: string;
} & (
  | {readonly kind: 'limit'; readonly of: RiskLimitRow}
  | {readonly kind: 'position'; readonly of: PositionLimitRow}
  | {readonly kind: 'event'; readonly of: RiskEventRow}
);

type Known = {
  readonly limits: readonly RiskLimitRow[];
  readonly positions: readonly PositionLimitRow[];
  readonly events: readonly RiskEventRow[];
};

/** The worst first; of the same severity events before limits, and of those the most used first. */
export function riskRows({limits, positions, events}: Known): readonly RiskPaneRow[] {
  const rows: readonly RiskPaneRow[] = [
    ...events.map(of => ({
      kind: 'event' as const,
      of,
      severity: eventSeverity(of),
      owner: scopeOf(of),
      what: of.eventType,
    })),
    ...limits.map(of => ({
      kind: 'limit' as const,
      of,
      severity: limitSeverity(of),
      owner: scopeOf(of),
      what: of.limitType,
    })),
    ...positions.map(of => ({
      kind: 'position' as const,
      of,
      severity: positionSeverity(of),
      owner: scopeOf(of),
      what: of.limitType,
    })),
  ];
  // Events that ask for nobody come last.
  const rank = ({severity, kind}: RiskPaneRow): number =>
    severity === 'crit' ? 0 : severity === 'warn' ? 1 : kind === 'event' ? 3 : 2;
  const used = (row: RiskPaneRow): number => (row.kind === 'event' ? Number.POSITIVE_INFINITY : (row.of.percent ?? -1));
  return rows.toSorted((a, b) => rank(a) - rank(b) || (used(b) === used(a) ? 0 : used(b) - used(a)));
}
