import {type Digits, dec} from '../../src/core/decimal.ts';
import {count, grouped, plural} from '../../src/core/format.ts';
import {isoMicros} from '../../src/core/time.ts';
import type {PositionShown} from '../../src/model/position-shown.ts';
import {differenceOf, MOST_TRADES, type PositionTrade, type PositionTrades} from '../../src/trace/position.ts';
import {decimalColumn, textColumn} from '../lines/columns.ts';
import {paragraph} from '../lines/paragraph.ts';
import type {Column} from '../lines/table.ts';
import {tableLines} from '../lines/table-lines.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

const columns: readonly Column<PositionTrade>[] = [
  textColumn({
    id: 'executed_at',
    title: 'EXECUTED',
    priority: 0,
    width: 19,
    value: row => (row.executedAt === undefined ? undefined : isoMicros(row.executedAt)),
    text: row => (row.executedAt === undefined ? '' : isoMicros(row.executedAt).slice(0, 19).replace('T', ' ')),
    style: () => 'faint',
  }),
  textColumn({
    id: 'side',
    title: 'SIDE',
    priority: 0,
    width: 4,
    value: row => row.side,
    text: row => row.side ?? '?',
    style: row => (row.side === 'buy' ? 'buy' : row.side === 'sell' ? 'sell' : 'strong'),
  }),
  decimalColumn({id: 'quantity', title: 'QTY', priority: 0, width: 6, digits: row => row.quantity, decimals: 'needed'}),
  decimalColumn({id: 'price', title: 'PRICE', priority: 1, width: 8, digits: row => row.price, decimals: 'needed'}),
  decimalColumn({id: 'held', title: 'HELD', priority: 0, width: 7, digits: row => row.held, decimals: 'needed'}),
  textColumn({id: 'strategy', title: 'STRATEGY', priority: 3, width: 8, ideal: 8, max: 16, value: row => row.strategy}),
  textColumn({id: 'trade_id', title: 'TRADE', priority: 2, width: 8, ideal: 14, max: 40, value: row => row.tradeId}),
  textColumn({id: 'order_id', title: 'ORDER', priority: 4, width: 8, ideal: 14, max: 40, value: row => row.orderId}),
];

/** The trades of a position, the newest first, with what was held after each, and whether they come to what the position has. */
export function positionContent(shown: PositionShown | undefined, scroll: number, width: number): OverlayContent {
  const {heading, lines} =
    shown?.phase === 'read' ? tableOf(shown.of, width) : {heading: [], lines: saidOf(shown, width)};
  return {
    title: [
      ['Trades of ', 'title'],
      [shown === undefined ? '' : `${shown.account} ${shown.symbol}`, 'strong'],
    ],
    right: [['of the table, UTC', 'faint']],
    foot: [['⏎ those on the tape · y copy as JSON · Esc back', 'faint']],
    tone: shown?.phase === 'read' && !isSum(shown.of) ? 'crit' : 'accent',
    top: shown?.phase === 'read' ? [...verdict(shown.of, width), ...heading] : [],
    bottom: [],
    lines,
    scroll,
  };
}

function saidOf(shown: Exclude<PositionShown, {phase: 'read'}> | undefined, width: number): readonly Line[] {
  if (shown === undefined || shown.phase === 'reading') return [[['reading …', 'faint']]];
  const next = shown.next === '' ? [] : paragraph(shown.next, width);
  return [...paragraph(`${GLYPH.warn} its trades cannot be read: ${shown.why}`, width, 'strong'), ...next];
}

const isSum = (of: PositionTrades): boolean => {
  const difference = differenceOf(of);
  return difference !== undefined && dec(difference).isZero();
};

/** Digits without zeros at the end. */
const short = (digits: string | undefined): string => (digits === undefined ? '?' : grouped(dec(digits).toFixed()));

/** What the trades come to, and whether the position has it. */
function verdict(of: PositionTrades, width: number): readonly Line[] {
  const {trades, unknown, bought, sold, opening, net, position, closedBefore} = of;
  const closed =
    closedBefore === undefined
      ? ''
      : `${short(opening)} of the books closed before ${isoMicros(closedBefore).slice(0, 10)}, `;
  const sums = `${closed}${plural(trades, 'trade')}: bought ${short(bought)}, sold ${short(sold)}`;
  const held = position === undefined ? 'there is no position' : `the position has ${short(position)}`;
  const difference = differenceOf(of);
  const said =
    difference === undefined
      ? paragraph(`${GLYPH.warn} ${sums}. ${whyNoSum(unknown)}; ${held}.`, width, 'strong')
      : dec(difference).isZero()
        ? paragraph(`${GLYPH.ok} ${sums}: ${short(net)}, which is what the position has.`, width)
        : paragraph(`${GLYPH.crit} ${sums}: ${short(net)}, but ${held}: ${apart(difference)}.`, width, 'crit');
  return trades > MOST_TRADES ? [...said, [[`the newest ${count(MOST_TRADES)} of ${count(trades)}:`, 'faint']]] : said;
}

const apart = (difference: Digits): string =>
  `${short(dec(difference).abs().toFixed())} too ${dec(difference).gt(0) ? 'much' : 'little'}`;

const whyNoSum = (unknown: number): string =>
  unknown > 0
    ? `There is no sum: the side of ${plural(unknown, 'trade')} is not known`
    : 'There is no sum: the side of a closed trade is not known';

type Drawn = {readonly width: number; readonly heading: readonly Line[]; readonly lines: readonly Line[]};
const drawn = new WeakMap<PositionTrades, Drawn>();

/** The heading and the rows: drawn once for each reading and width. */
function tableOf(of: PositionTrades, width: number): Omit<Drawn, 'width'> {
  const before = drawn.get(of);
  if (before?.width === width) return before;
  const {listed: rows} = of;
  const [heading = [], ...lines] = tableLines({columns, rows, width, height: rows.length + 1});
  const table = {width, heading: rows.length === 0 ? [] : [heading], lines};
  drawn.set(of, table);
  return table;
}
