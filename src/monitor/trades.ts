import {z} from 'zod';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import type {Micros} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import {decode, digits, instant, key, maybeKey, rowSchema} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {visibleRows} from './row-security.ts';

const SQL = 'monitor/trades';
const NEW = 'monitor/trades_new';

const row = rowSchema({
  trade_id: key,
  order_id: maybeKey,
  account_id: key,
  symbol: key,
  side: z
    .enum(['buy', 'sell'])
    .nullable()
    .transform(side => side ?? undefined),
  quantity: digits,
  price: digits,
  commission: digits,
  executed_at: instant,
  strategy: maybeKey,
  trade_type: maybeKey,
});

/** One execution on the tape, from the bus or from execution.trades. Quantities and money keep their digits. */
export type TradeRow = Omit<TradeEvent, 'executedAt' | 'totalValue' | 'winRate'> & {
  readonly executedAt: Micros;
  /** When the console received it. */
  readonly receivedAt: Micros;
  /** From the event's time to its receipt, in milliseconds; undefined for a row of the table. */
  readonly lagMs: number | undefined;
  /** `table`: read at the start, or recovered because it did not arrive on the bus. */
  readonly from: 'bus' | 'table';
};

/** Leaves out a trade whose quantity, price or time is not a number (NaN, infinity). @internal */
export const tradeRows = (raws: readonly Raw[], receivedAt: Micros): readonly TradeRow[] =>
  decode(row, raws, SQL).flatMap(({quantity, price, executedAt, ...rest}) =>
    quantity === undefined || price === undefined || executedAt === undefined
      ? []
      : // The table has no column for the realised P&L.
        [{...rest, quantity, price, executedAt, realizedPnl: undefined, receivedAt, lagMs: undefined, from: 'table'}],
  );

/** The whole tape is read again so often, in milliseconds: for a row that was written late, and a table that was restored. */
const WHOLE_MS = 30_000;

/** A row is read again for so long after it was written, in milliseconds: its event may still be on the way. */
const AGAIN_MS = 12_000;

/** The newest row at a reading. */
type Mark = {readonly at: number; readonly id: bigint};

/**
 * The last executions of the table: they fill the tape at the start and show which trades did not arrive on the bus. A
 * sample has the last 200, or only those that were written last.
 */
export const tradesPoller: Poller<{trades: TradeRow}> = {
  ids: ['trades'],
  everyMs: 4000,
  unseenMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, NEW, 'monitor/row_security'],
  deltas: false,
  reader: () => {
    let wholeAt = Number.NEGATIVE_INFINITY;
    let marks: readonly Mark[] = [];
    let last: readonly TradeRow[] = [];
    const whole = async (io: Io, at: number): Promise<readonly Raw[]> => {
      const raws = await visibleRows(io, SQL, 'execution.trades');
      const ids = idsOf(raws);
      wholeAt = at;
      // An empty table, the first reading, or ids that begin anew: what is there now may not have been heard of yet.
      if (ids.length === 0 || (marks.at(-1)?.id ?? Number.POSITIVE_INFINITY) > largest(ids)) {
        marks = ids.length === 0 ? [] : [{at: Number.NEGATIVE_INFINITY, id: smallest(ids) - 1n}];
      }
      return raws;
    };
    return async ({trading}, _, clock) => {
      const at = clock.ticks();
      const from = marks.findLast(mark => mark.at <= at - AGAIN_MS);
      const all = from === undefined || at - wholeAt >= WHOLE_MS;
      const raws = all ? await whole(trading, at) : await trading.query(NEW, [String(from.id)]);
      marks = withMark(marks, {at, id: largest([...idsOf(raws), marks.at(-1)?.id ?? 0n])});
      // A table that has trades is not empty because there are no new ones.
      if (all || raws.length > 0) last = tradeRows(raws, clock.now());
      return {trades: last};
    };
  },
};

const idsOf = (raws: readonly Raw[]): readonly bigint[] => raws.map(({id}) => BigInt(String(id)));

const largest = (ids: readonly bigint[]): bigint => ids.reduce((a, b) => (a > b ? a : b));

const smallest = (ids: readonly bigint[]): bigint => ids.reduce((a, b) => (a < b ? a : b));

/** The marks with one more, without those that nobody asks for again: the newest of the old ones is enough. */
const withMark = (marks: readonly Mark[], mark: Mark): readonly Mark[] =>
  [...marks, mark].slice(
    Math.max(
      0,
      marks.findLastIndex(({at}) => at <= mark.at - AGAIN_MS),
    ),
  );
