import type {z} from 'zod';
import {type Digits, dec} from '../core/decimal.ts';
import {keyText} from '../core/sanitise.ts';
import {isoMicros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import {decode, digits, instant, maybeKey, maybeText, number, rowSchema} from '../monitor/columns.ts';
import {refuseHidden} from '../monitor/row-security.ts';

const SQL = 'trace/position_trades';
/** So many trades are listed; all of them are in the sums. */
export const MOST_TRADES = 1000;

const row = rowSchema({
  trade_id: maybeKey,
  order_id: maybeKey,
  executed_at: instant,
  /** Its own, or its order's. */
  side: maybeText,
  quantity: digits,
  price: digits,
  strategy: maybeKey,
  /** What the account held of the symbol after it; undefined: the side of one before is not known. */
  held: digits,
  trades: number,
  unknown: number,
  bought: digits,
  sold: digits,
  closed_before: instant,
  opening: digits,
  net: digits,
  position: digits,
  clock: instant,
});

type Row = z.output<typeof row>;
type Listed = 'tradeId' | 'orderId' | 'executedAt' | 'side' | 'quantity' | 'price' | 'strategy' | 'held';

/** A trade of a position. */
export type PositionTrade = Pick<Row, Listed>;

/** The trades of an account and symbol, and what they come to. */
export type PositionTrades = Omit<Row, Listed> & {
  readonly account: string;
  readonly symbol: string;
  /** The newest first, at most MOST_TRADES; `trades` is the number of all. */
  readonly listed: readonly PositionTrade[];
};

/**
 * Reads the trades of a position and their sum, of one moment. Throws a SourceError where row-level security hides them, and the
 * driver's error where they cannot be read.
 */
export async function readPositionTrades(io: Io, account: string, symbol: string): Promise<PositionTrades> {
  const rows = decode(row, await io.query(SQL, [account, symbol]), SQL);
  const [first] = rows;
  if (first === undefined) throw new Error(`${SQL} gave no row`);
  if (first.trades === 0) await refuseHidden(io, 'execution.trades');
  if (first.position === undefined) await refuseHidden(io, 'execution.positions');
  const {tradeId, orderId, executedAt, side, quantity, price, strategy, held, ...totals} = first;
  return {
    ...totals,
    account: keyText(account),
    symbol: keyText(symbol),
    listed: rows.filter(each => each.tradeId !== undefined).slice(0, MOST_TRADES),
  };
}

/** What the position has beyond what its trades come to: 0 where they agree; undefined: the side of a trade is not known. */
export const differenceOf = ({net, position}: PositionTrades): Digits | undefined =>
  net === undefined
    ? undefined
    : dec(position ?? '0')
        .minus(dec(net))
        .toFixed();

/** The trades as JSON: quantities and prices with their digits; null: not known. */
export const positionTradesJson = (of: PositionTrades): string =>
  JSON.stringify(
    {
      account_id: of.account,
      symbol: of.symbol,
      position: of.position ?? null,
      of_trades: of.net ?? null,
      difference: differenceOf(of) ?? null,
      trades: of.trades,
      bought: of.bought ?? null,
      sold: of.sold ?? null,
      opening: of.opening ?? null,
      listed: of.listed.map(trade => ({
        trade_id: trade.tradeId ?? null,
        order_id: trade.orderId ?? null,
        executed_at: trade.executedAt === undefined ? null : isoMicros(trade.executedAt),
        side: trade.side ?? null,
        quantity: trade.quantity ?? null,
        price: trade.price ?? null,
        strategy: trade.strategy ?? null,
        held: trade.held ?? null,
      })),
    },
    null,
    2,
  );
