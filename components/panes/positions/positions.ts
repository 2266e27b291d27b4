import {type Digits, dec, to4} from '../../../src/core/decimal.ts';
import {ageAt, count, money, signed} from '../../../src/core/format.ts';
import {sumDigits} from '../../../src/core/sum.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {State} from '../../../src/model/state.ts';
import type {PositionRow} from '../../../src/monitor/positions.ts';
import {pnlStyle} from '../../lines/columns.ts';
import {statusOf} from '../../lines/status.ts';
import type {Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {positionColumns, type ShownPosition} from './columns.ts';

/** The desk's positions at the newest known prices. */
export const positionsPane = definePane({
  id: 'positions',
  title: 'Positions',
  columns: positionColumns,
  select: (state: State) => ({
    status: statusOf(state.samples.positions, state.at),
    rows: state.samples.positions.rows,
    marks: state.bus.marks,
    // Whole seconds: nothing here is finer.
    now: Math.floor(state.at / SECOND) * SECOND,
  }),
  rows: ({rows, marks, now}, memo) =>
    rows.map(row => {
      const mark = marks.get(row.symbol);
      const before = memo.get(row) as {readonly mark: typeof mark; readonly row: ShownPosition} | undefined;
      if (before !== undefined && before.mark === mark && before.row.stale === isStale(before.row, now))
        return before.row;
      const marked = atMark(row, mark);
      const after = {mark, row: {...marked, stale: isStale(marked, now)}};
      memo.set(row, after);
      return after.row;
    }),
  rowKey: row => `${row.accountId}\u0000${row.symbol}`,
  head: ({now}, rows) => {
    const marks = rows.filter(isOpen).flatMap(({markAt}) => (markAt === undefined ? [] : [markAt]));
    const stale = rows.filter(row => row.stale && isOpen(row)).length;
    return [
      [`${count(openOf(rows))} open`],
      [marks.length === 0 ? ' · no marks' : ` · oldest mark ${ageAt(Math.min(...marks), now)}`, 'faint'],
      ...(stale > 0 ? [[` · ${count(stale)} stale`, 'strong'] as const] : []),
    ];
  },
  foot: (_data, rows) => {
    if (rows.length === 0) return [];
    const realised = sumDigits(rows.map(row => row.realizedPnl));
    const unmarked = rows.filter(row => row.marketValue === undefined && isOpen(row)).length;
    return [
      ['realised ', 'faint'],
      [signed(realised), pnlStyle(realised)],
      ...(unmarked > 0 ? [[` · ${count(unmarked)} without a price`, 'strong'] as const] : []),
    ];
  },
  empty: 'no open position',
  brief: (_data, rows): Line => {
    const unreal = sumDigits(rows.map(row => row.unrealizedPnl));
    return [
      [`${count(openOf(rows))} open  ${money(sumDigits(rows.map(row => row.marketValue)))}`],
      ['  unreal ', 'faint'],
      [signed(unreal), pnlStyle(unreal)],
    ];
  },
  totals: rows => {
    const sums = (of: (row: PositionRow) => Digits | undefined) => sumDigits(rows.map(of));
    const [value, unreal, real] = [sums(r => r.marketValue), sums(r => r.unrealizedPnl), sums(r => r.realizedPnl)];
    return {
      account_id: ['TOTAL', 'strong'],
      market_value: [money(value), 'strong'],
      unrealized_pnl: [signed(unreal), pnlStyle(unreal) ?? 'strong'],
      realized_pnl: [signed(real), pnlStyle(real) ?? 'strong'],
    };
  },
  lead: ({accountId: account, symbol}) => ({list: {kind: 'position', of: {account, symbol}}, what: 'its trades'}),
  rowStyle: row => (isOpen(row) ? undefined : 'faint'),
});

/**
 * A position at the bus's price, where that is newer than the row's own. Value = quantity × mark and unrealised =
 * quantity × (mark − average) are exact, then rounded to four decimals as the table's numeric is.
 */
function atMark(row: PositionRow, mark: {readonly price: Digits; readonly at: Micros} | undefined): PositionRow {
  const own = row.markAt ?? row.lastUpdated;
  if (mark === undefined || (own !== undefined && mark.at <= own)) return row;
  const quantity = dec(row.quantity);
  const price = dec(mark.price);
  return {
    ...row,
    mark: mark.price,
    markAt: mark.at,
    marketValue: to4(quantity.mul(price)),
    unrealizedPnl: to4(quantity.mul(price.minus(dec(row.avgPrice)))),
  };
}

const isOpen = (row: PositionRow): boolean => /[1-9]/.test(row.quantity);
const openOf = (rows: readonly PositionRow[]): number => rows.filter(isOpen).length;

const SECOND = 1_000_000;
/** A mark of this age says little about what a position is worth now. */
const STALE_MARK = 60 * SECOND;

const isStale = ({markAt}: PositionRow, now: Micros): boolean => markAt !== undefined && now - markAt > STALE_MARK;
