import {type Digits, dec, to4} from '../../../src/core/decimal.ts';
import {ageAt, count, money, NA, signed} from '../../../src/core/format.ts';
import {sumDigits} from '../../../src/core/sum.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {BusState} from '../../../src/model/bus-state.ts';
import type {State} from '../../../src/model/state.ts';
import type {PositionRow} from '../../../src/monitor/positions.ts';
import {pnlStyle} from '../../lines/columns.ts';
import {statusOf} from '../../lines/status.ts';
import type {Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {positionColumns} from './columns.ts';

/** The desk's positions at the newest known prices. */
export const positionsPane = definePane({
  id: 'positions',
  title: 'Positions',
  columns: positionColumns,
  select: (state: State) => ({
    status: statusOf(state.samples.positions, state.at),
    rows: state.samples.positions.rows,
    marks: state.bus.marks,
    marked: ageAt(newestMark(state.bus.marks), state.at),
  }),
  rows: ({rows, marks}, memo) =>
    rows.map(row => {
      const mark = marks.get(row.symbol);
      const before = memo.get(row) as {readonly mark: typeof mark; readonly row: PositionRow} | undefined;
      if (before?.mark === mark && before !== undefined) return before.row;
      const after = {mark, row: atMark(row, mark)};
      memo.set(row, after);
      return after.row;
    }),
  rowKey: row => `${row.accountId}\u0000${row.symbol}`,
  head: ({marked}, rows) => [
    [`${count(openOf(rows))} open`],
    [marked === NA ? ' · no marks' : ` · marks ${marked}`, 'faint'],
  ],
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
  lead: ({accountId, symbol}) => ({
    pane: 'trades',
    what: 'its trades',
    where: {account_id: accountId, symbol},
  }),
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

function newestMark(marks: BusState['marks']): Micros | undefined {
  let newest: Micros | undefined;
  for (const {at} of marks.values()) if (newest === undefined || at > newest) newest = at;
  return newest;
}
