import type {PositionRow} from '../../../src/monitor/positions.ts';
import {ageColumn, decimalColumn, pnlColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';

/** A position as the pane shows it. */
export type ShownPosition = PositionRow & {
  /** Its mark is so old that what it is worth and its unrealised profit may be others by now. */
  readonly stale: boolean;
};

/** The columns of the pane, in the order of the screen. */
export const positionColumns: readonly Column<ShownPosition>[] = [
  textColumn({
    id: 'account_id',
    title: 'ACCOUNT',
    priority: 0,
    width: 7,
    ideal: 7,
    max: 14,
    value: row => row.accountId,
  }),
  textColumn({
    id: 'symbol',
    title: 'SYMBOL',
    priority: 0,
    width: 6,
    ideal: 6,
    max: 10,
    value: row => row.symbol,
    style: () => 'strong',
  }),
  decimalColumn({id: 'quantity', title: 'QTY', priority: 0, width: 6, digits: row => row.quantity, decimals: 'needed'}),
  decimalColumn({id: 'avg_price', title: 'AVG', priority: 3, width: 8, digits: row => row.avgPrice, decimals: 2}),
  decimalColumn({
    id: 'mark',
    title: 'MARK',
    priority: 1,
    width: 8,
    digits: row => row.mark,
    decimals: 2,
    style: row => (row.stale ? 'faint' : undefined),
  }),
  decimalColumn({
    id: 'market_value',
    title: 'VALUE',
    priority: 0,
    width: 10,
    digits: row => row.marketValue,
    decimals: 2,
    style: row => (row.stale ? 'faint' : undefined),
  }),
  pnlColumn({
    id: 'unrealized_pnl',
    title: 'UNREAL',
    priority: 0,
    width: 9,
    digits: row => row.unrealizedPnl,
    dim: row => row.stale,
  }),
  pnlColumn({id: 'realized_pnl', title: 'REAL', priority: 2, width: 9, digits: row => row.realizedPnl}),
  ageColumn({id: 'mark_at', title: 'MARKED', priority: 4, width: 6, at: row => row.markAt}),
  ageColumn({id: 'last_updated', title: 'CHANGED', priority: 5, width: 7, at: row => row.lastUpdated}),
];
