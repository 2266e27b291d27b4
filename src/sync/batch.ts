import type {SyncEvent, SyncMark, SyncPosition, SyncTrade} from './sync-event.ts';

/** Events that are applied together: each trade once, and the newest of each position and of each mark. */
export type Batch = {
  readonly trades: readonly SyncTrade[];
  readonly positions: readonly SyncPosition[];
  readonly marks: readonly SyncMark[];
};

export const EMPTY_BATCH: Batch = {trades: [], positions: [], marks: []};

/** A batch of these events, in their order within each kind. */
export const batchOf = (events: readonly SyncEvent[]): Batch => ({
  trades: events.filter(event => event.kind === 'trades'),
  positions: events.filter(event => event.kind === 'positions'),
  marks: events.filter(event => event.kind === 'market_data'),
});

export const eventsOf = (batch: Batch): readonly SyncEvent[] => [...batch.trades, ...batch.positions, ...batch.marks];

/** The symbols whose price or positions a batch changes. */
export const symbolsOf = ({marks, positions}: Batch): readonly string[] => [
  ...new Set([...marks.map(mark => mark.key), ...positions.map(position => position.symbol)]),
];
