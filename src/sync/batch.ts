import type {Arrival} from './new-entry.ts';
import type {SyncEvent, SyncMark, SyncPosition, SyncTrade} from './sync-event.ts';

/** What is applied together: events of trades, rows of trades, and the newest of each position and of each mark. */
export type Batch = {
  readonly trades: readonly SyncTrade[];
  /** Ids of trades that are settled from their rows alone. */
  readonly rows: readonly string[];
  /** How those rows came; absent: nothing has told of them. */
  readonly arrivals?: ReadonlyMap<string, Arrival>;
  readonly positions: readonly SyncPosition[];
  readonly marks: readonly SyncMark[];
};

/** Of a committed batch, when each trade was published, or committed to its table, and what is now to be marked and measured. */
export type CommittedBatch = {
  readonly trades: readonly (Pick<SyncTrade, 'at' | 'receivedAt'> & Partial<Pick<SyncTrade, 'accountId' | 'symbol'>>)[];
  readonly positions: readonly Pick<SyncPosition, 'symbol' | 'accountId'>[];
  readonly marks: readonly Pick<SyncMark, 'key'>[];
};

export const EMPTY_BATCH: Batch = {trades: [], rows: [], positions: [], marks: []};

/** A batch of these events and rows, in their order within each kind. */
export const batchOf = (events: readonly SyncEvent[], rows: readonly string[] = []): Batch => ({
  rows,
  trades: events.filter(event => event.kind === 'trades'),
  positions: events.filter(event => event.kind === 'positions'),
  marks: events.filter(event => event.kind === 'market_data'),
});

export const eventsOf = (batch: Batch): readonly SyncEvent[] => [...batch.trades, ...batch.positions, ...batch.marks];

/** The symbols whose price or positions a batch changes. */
export const symbolsOf = ({marks, positions}: CommittedBatch): readonly string[] => [
  ...new Set([...marks.map(mark => mark.key), ...positions.map(position => position.symbol)]),
];

/** The symbols of which a batch may change what is held, or what that is worth. */
export const tradedSymbolsOf = (batch: CommittedBatch): readonly string[] => [
  ...new Set([...symbolsOf(batch), ...batch.trades.flatMap(({symbol}) => symbol ?? [])]),
];

/** The accounts whose summary a batch changes, as far as it names them. */
export const accountsOf = ({trades, positions}: CommittedBatch): readonly string[] => [
  ...new Set([...trades, ...positions].flatMap(({accountId}) => accountId ?? [])),
];
