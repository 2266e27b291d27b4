import {sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros, parseMicros} from '../core/time.ts';
import type {Lsn, WalMessage, WalRow, WantedColumns} from '../io/pgoutput.ts';
import type {SyncCounters} from './counters.ts';
import {positionKey, type SyncPosition} from './sync-event.ts';

/** What is read of each table. A column that a table lacks is simply not there; any others are skipped. */
export const SLOT_COLUMNS = {
  'execution.trades': ['trade_id'],
  'execution.orders': ['order_id'],
  'execution.positions': ['account_id', 'symbol', 'quantity', 'avg_price', 'realized_pnl'],
  'data_ingestion.market_data': ['symbol', 'timestamp', 'close'],
} as const satisfies WantedColumns;

/** A trade whose row was made, changed or deleted: what counts is the row as it is when the trade is settled. */
type ChangedTrade = {
  readonly key: string;
  /** When the change was committed, by the server's clock, and when it came here. */
  readonly at: Micros;
  readonly receivedAt: Micros;
};

/** The newest of a symbol's bars that changed. */
export type BarChange = {readonly symbol: string; readonly price: string; readonly barAt: Micros; readonly at: Micros};

/** Changes that are applied together. Of a large transaction it may be a part. */
export type SlotBatch = {
  readonly trades: readonly ChangedTrade[];
  /** Orders that were changed. */
  readonly orders: readonly string[];
  readonly positions: readonly SyncPosition[];
  readonly bars: readonly BarChange[];
  /** Why the changes do not say which trades they are about: all are to be compared. Undefined: they do. */
  readonly untold: string | undefined;
  /** With this batch, every transaction that ends at or before it is applied. */
  readonly end: Lsn;
};

/** Gathers what changed, each trade, order, position and symbol once, until it is taken. */
export type SlotChanges = {
  readonly add: (message: WalMessage) => void;
  /** The server has sent everything before this position. */
  readonly reach: (sent: Lsn) => void;
  readonly size: () => number;
  readonly counts: () => {readonly trades: number; readonly positions: number; readonly marks: number};
  readonly take: () => SlotBatch;
  /** How far the server has sent. */
  readonly received: () => Lsn;
  /** Nothing before this is missing or waits here. */
  readonly end: () => Lsn;
};

/** Whether a bar begins so far after its commit that it cannot be its symbol's newest, whatever is made of it. */
export const isAhead = ({barAt, at}: BarChange): boolean => barAt > at + AHEAD;
const AHEAD: Micros = 5_000_000;
/** Positions whose last value is remembered, so that marking them, which we do, does not come back as a change. */
const REMEMBERED = 50_000;

/** `start`: where the stream begins. */
export function createSlotChanges(counters: Counted, start: Lsn): SlotChanges {
  const gathered = createGathered(counters);
  /** The commit time of the transaction that is being sent; undefined: none is. */
  let open: Micros | undefined;
  let [end, received] = [start, start];
  return {
    add: message => {
      if (message.what === 'begin') open = message.at;
      else if (message.what === 'commit') {
        open = undefined;
        end = message.end;
        if (end > received) received = end;
      } else if (message.what === 'truncate') {
        const emptied = message.tables.filter(table => table === 'execution.trades' || table === 'execution.orders');
        if (emptied.length > 0) gathered.untold(`${emptied.join(' and ')} was emptied by TRUNCATE`);
      } else if (message.what !== 'other') gathered.change(message, open ?? nowMicros());
    },
    reach: sent => {
      if (sent > received) received = sent;
      // What was published before it has come, so that nothing of ours is there.
      if (open === undefined && received > end) end = received;
    },
    size: gathered.size,
    counts: gathered.counts,
    take: () => ({...gathered.take(), end}),
    received: () => received,
    end: () => end,
  };
}

type Counted = Pick<SyncCounters, 'event'>;
type RowChange = Extract<WalMessage, {readonly table: string}>;

const nothing = () => ({
  trades: new Map<string, ChangedTrade>(),
  orders: new Set<string>(),
  positions: new Map<string, SyncPosition>(),
  bars: new Map<string, BarChange>(),
  untold: undefined as string | undefined,
});

/** What changed since it was taken last. */
function createGathered(counters: Counted) {
  let now = nothing();
  const isNew = createPositionFilter();
  const addTrade = ({row, old}: RowChange, at: Micros): void => {
    const receivedAt = nowMicros();
    const [key, before] = [row?.get('trade_id'), old?.get('trade_id')];
    if (typeof before === 'string') now.trades.set(before, {key: before, at, receivedAt});
    if (typeof key === 'string') now.trades.set(key, {key, at, receivedAt});
    if (typeof key !== 'string' && typeof before !== 'string') now.untold = 'a trade was changed that has no trade_id';
  };
  const addBar = (bar: BarChange): void => {
    const key = isAhead(bar) ? `${bar.symbol} ahead` : bar.symbol;
    if (bar.barAt >= (now.bars.get(key)?.barAt ?? Number.NEGATIVE_INFINITY)) now.bars.set(key, bar);
  };
  return {
    untold: (why: string): void => {
      now.untold = why;
    },
    change: (change: RowChange, at: Micros): void => {
      const {what, table, row} = change;
      const [kind, channel] = CHANNELS[table] ?? [];
      if (kind && channel) counters.event({kind, channel: sanitise(channel), at, receivedAt: nowMicros()});
      const position = kind === 'positions' && row ? positionOfRow(row, at) : undefined;
      const bar = kind === 'market_data' && row ? barOfRow(row, at) : undefined;
      const order = table === 'execution.orders' && what === 'update' ? row?.get('order_id') : undefined;
      if (kind === 'trades') addTrade(change, at);
      if (position && isNew(position)) now.positions.set(position.key, position);
      if (bar) addBar(bar);
      if (typeof order === 'string') now.orders.add(order);
    },
    size: (): number =>
      now.trades.size + now.orders.size + now.positions.size + now.bars.size + (now.untold === undefined ? 0 : 1),
    counts: () => ({trades: now.trades.size, positions: now.positions.size, marks: now.bars.size}),
    take: (): Omit<SlotBatch, 'end'> => {
      const {trades, orders, positions, bars, untold} = now;
      now = nothing();
      const lists = {trades: [...trades.values()], positions: [...positions.values()], bars: [...bars.values()]};
      return {...lists, orders: [...orders], untold};
    },
  };
}

/** Whether quantity or average price differ from the last ones: to mark positions, as we do, is no change of theirs. */
function createPositionFilter(): (position: SyncPosition) => boolean {
  const known = new Map<string, string>();
  return ({key, quantity, avgPrice}) => {
    const value = `${quantity} ${avgPrice}`;
    if (known.get(key) === value) return false;
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, value);
    return true;
  };
}

/** The kind and channel that a table's changes count for. */
const CHANNELS: Readonly<Record<string, readonly ['trades' | 'positions' | 'market_data', string]>> = {
  'execution.trades': ['trades', 'data_sync:trades'],
  'execution.positions': ['positions', 'data_sync:positions'],
  'data_ingestion.market_data': ['market_data', 'data_sync:market_data'],
};

/** As of its commit: later commits win, whatever its service writes into last_updated. */
function positionOfRow(row: WalRow, at: Micros): SyncPosition | undefined {
  const [accountId, symbol, quantity, avgPrice] = ['account_id', 'symbol', 'quantity', 'avg_price'].map(name =>
    row.get(name),
  );
  if (!accountId || !symbol || !quantity || !avgPrice) return undefined;
  const realizedPnl = row.get('realized_pnl') ?? undefined;
  const times = {at, receivedAt: nowMicros(), since: at, asOf: at};
  const key = positionKey(accountId, symbol);
  return {kind: 'positions', key, accountId, symbol, quantity, avgPrice, realizedPnl, ...times};
}

function barOfRow(row: WalRow, at: Micros): BarChange | undefined {
  const [symbol, time, price] = ['symbol', 'timestamp', 'close'].map(name => row.get(name));
  const barAt = typeof time === 'string' ? parseMicros(time) : undefined;
  return symbol && price && barAt !== undefined ? {symbol, price, barAt, at} : undefined;
}
