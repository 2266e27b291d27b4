import {dec, parseDigits} from '../core/decimal.ts';
import {isoOf, parseMicros} from '../core/time.ts';
import {closedWords, type KnownTrade} from '../sync/known-trade.ts';
import {defineTradeChange, type TradeChanged} from './change-trade.ts';
import {fact} from './facts.ts';
import type {EditOptions, TradeCorrection} from './plan.ts';

/**
 * Corrects a fill that was booked wrongly. A figure that the row stated for what it was (value, P&L, win rate) is reckoned
 * anew unless it is given too.
 */
export const correctTradeAction = defineTradeChange({
  id: 'correct-trade',
  title: 'Correct trade',
  help: 'Corrects a fill, and restates what was reckoned after it: `tradetop trade correct`.',
  statement: 'actions/correct_trade',
  change,
});

/** Fields that make a trade another one, in the order of the statement's parameters. */
const FIELDS = ['price', 'quantity', 'commission', 'side', 'executedAt', 'strategy', 'tradeType'] as const;
const FIGURES = ['totalValue', 'realizedPnl', 'winRate'] as const;
type Field = (typeof FIELDS)[number] | (typeof FIGURES)[number];

function change({row, closedBefore}: KnownTrade, {trade = {}}: EditOptions): TradeChanged | string {
  const given = Object.entries(trade).filter(([, value]) => value !== undefined) as readonly (readonly [
    Field,
    string,
  ])[];
  if (given.length === 0) return 'Nothing to correct was given: --price, --quantity, --side and others.';
  const wrong = given.map(([name, value]) => wrongValue(name, value)).find(why => why !== undefined);
  if (wrong !== undefined) return wrong;
  const values = Object.fromEntries(given) as TradeCorrection;
  const at = values.executedAt === undefined ? row?.executedAt : parseMicros(values.executedAt);
  if (closedBefore !== undefined && at !== undefined && at < closedBefore)
    return `Refused: ${closedWords(closedBefore)}.`;
  const isOther = FIELDS.some(name => values[name] !== undefined);
  const figure = (name: (typeof FIGURES)[number]) => values[name] ?? (isOther ? null : (row?.[name] ?? null));
  return {
    params: [...FIELDS.map(name => values[name] ?? null), ...FIGURES.map(figure)],
    facts: given.map(([name, value]) => fact(LABELS[name], `${shownOf(name, row?.[name])} → ${value}`)),
    after: Object.fromEntries(given),
  };
}

const LABELS: Readonly<Record<Field, string>> = {
  price: 'price',
  quantity: 'quantity',
  commission: 'commission',
  side: 'side',
  executedAt: 'executed at',
  strategy: 'strategy',
  tradeType: 'type',
  totalValue: 'total value',
  realizedPnl: 'realised P&L',
  winRate: 'win rate',
};

const shownOf = (name: Field, value: string | number | undefined): string => {
  if (value === undefined) return 'none';
  return name === 'executedAt' ? new Date(Number(value) / 1000).toISOString() : String(value);
};

function wrongValue(name: Field, value: string): string | undefined {
  if (name === 'side') return value === 'buy' || value === 'sell' ? undefined : 'A side is buy or sell.';
  if (name === 'executedAt') return isoOf(value) === undefined ? 'A time is as 2026-11-26T09:30:00Z.' : undefined;
  if (name === 'strategy')
    return value.length <= 100 && value !== '' ? undefined : 'A strategy has 1 to 100 characters.';
  if (name === 'tradeType')
    return ['opening', 'closing', 'partial'].includes(value) ? undefined : 'A type is opening, closing or partial.';
  const digits = parseDigits(value);
  if (digits === undefined) return `The ${LABELS[name]} must be a number, as 12.5.`;
  if ((name === 'price' || name === 'quantity') && !dec(digits).gt(0)) return `The ${LABELS[name]} must be above 0.`;
  return name === 'commission' && dec(digits).lt(0) ? 'The commission must not be negative.' : undefined;
}
