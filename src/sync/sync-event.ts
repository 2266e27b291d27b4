import {z} from 'zod';
import type {DeskEvent} from '../bus/event.ts';
import type {MarketDataEvent} from '../bus/kinds/market-data.ts';
import type {PositionEvent} from '../bus/kinds/positions.ts';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import {isoMicros, type Micros} from '../core/time.ts';

const digits = z.string().regex(/^-?\d+(?:\.\d+)?$/);
const micros = z.number();

const published = {
  /** Identity among the events of its kind. */
  key: z.string(),
  /** Time of publication, as its publisher says. */
  at: micros,
  receivedAt: micros,
  /** Its entry of the stream. */
  entry: z.string().optional(),
};
const holding = {accountId: z.string(), symbol: z.string(), quantity: digits};

/** A trade. Money is undefined where the event does not state it. */
const trade = z.object({
  kind: z.literal('trades'),
  ...published,
  ...holding,
  strategy: z.string(),
  /** The order that it fills. */
  orderId: z.string().optional(),
  /** The UTC day that it counts for: that of its execution, else that of its event. */
  date: z.string(),
  side: z.enum(['buy', 'sell']).optional(),
  price: digits,
  commission: digits.optional(),
  executedAt: micros,
  tradeType: z.string().optional(),
  totalValue: digits.optional(),
  realizedPnl: digits.optional(),
  winRate: digits.optional(),
});

const position = z.object({
  kind: z.literal('positions'),
  ...published,
  ...holding,
  avgPrice: digits,
  realizedPnl: digits.optional(),
  /** last_updated of its row, which the table can be compared by; else the event's own time. */
  asOf: micros,
});

const mark = z.object({kind: z.literal('market_data'), ...published, price: digits, asOf: micros});

const storedEvent = z.discriminatedUnion('kind', [trade, position, mark]);

/** Fields that a stored event may lack must be stated, as undefined, where one is made. */
type Fields<Schema extends z.ZodType> = {
  readonly [K in Exclude<keyof Required<z.output<Schema>>, 'entry'>]: z.output<Schema>[K];
} & {readonly entry?: string | undefined};

/** `since`: earliest time of publication that the bus itself proves, whatever the publisher's clock says. */
type Made = {readonly since: Micros};

/** A trade as the synchroniser applies it. Its key is the trade_id. */
export type SyncTrade = Fields<typeof trade> & Made;

/** A position as of a time. Only the newest one of an account and symbol matters. */
export type SyncPosition = Fields<typeof position> & Made;

/** The last price of a symbol as of its event's time. Only the newest one matters. */
export type SyncMark = Fields<typeof mark> & Made;

/** The part of a bus event that the synchroniser applies. The quarantine keeps it as JSON. */
export type SyncEvent = SyncTrade | SyncPosition | SyncMark;

/** Strategy of trades that have none: performance is kept by strategy. */
export const NO_STRATEGY = '(none)';

/**
 * The part of a bus event that the synchroniser applies. `since`: see `SyncEvent`; default: its time of publication. `entry`: its
 * entry of the stream.
 */
export function syncEventOf(event: DeskEvent, since: Micros = event.at, entry?: string): SyncEvent {
  const {at, receivedAt} = event;
  const times = {at, receivedAt, since: Math.min(since, receivedAt), entry};
  if (event.kind === 'trades') return {...tradeOf(event.data, at), ...times};
  if (event.kind === 'positions') return {...positionOf(event.data, at), ...times};
  return {...markOf(event.data, at), ...times};
}

/** An event that the quarantine kept as JSON; undefined: it is none. Throws a SyntaxError where the text is not JSON. */
export function storedEventOf(json: string): SyncEvent | undefined {
  const parsed = storedEvent.safeParse(JSON.parse(json));
  return parsed.success ? ({...parsed.data, since: parsed.data.at} as SyncEvent) : undefined;
}

type Untimed<Event> = Omit<Event, 'at' | 'receivedAt' | 'since' | 'entry'>;

function tradeOf(data: TradeEvent, at: Micros): Untimed<SyncTrade> {
  const executedAt = data.executedAt ?? at;
  return {
    kind: 'trades',
    key: data.tradeId,
    accountId: data.accountId,
    symbol: data.symbol,
    strategy: data.strategy || NO_STRATEGY,
    orderId: data.orderId,
    date: utcDay(executedAt),
    side: data.side,
    quantity: data.quantity,
    price: data.price,
    commission: data.commission,
    executedAt,
    tradeType: data.tradeType,
    totalValue: data.totalValue,
    realizedPnl: data.realizedPnl,
    winRate: data.winRate,
  };
}

/** Identity of a position among positions. */
export const positionKey = (accountId: string, symbol: string): string => `${accountId}\u001f${symbol}`;

/** The account of a position's key. */
export const accountOfPosition = (key: string): string => key.split('\u001f')[0] ?? '';

const positionOf = (data: PositionEvent, at: Micros): Untimed<SyncPosition> => ({
  kind: 'positions',
  key: positionKey(data.accountId, data.symbol),
  accountId: data.accountId,
  symbol: data.symbol,
  quantity: data.quantity,
  avgPrice: data.avgPrice,
  realizedPnl: data.realizedPnl,
  asOf: data.lastUpdated ?? at,
});

const markOf = (data: MarketDataEvent, at: Micros): Untimed<SyncMark> => ({
  kind: 'market_data',
  key: data.symbol,
  price: data.close,
  // A bar that begins after it was published has a wrong time: it counts as of the later one, and may be refused for that.
  asOf: Math.max(at, data.at ?? at),
});

/** The UTC day of a time. */
export const utcDay = (at: Micros): string => isoMicros(at).slice(0, 10);
