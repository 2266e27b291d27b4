import type {SyncEvent} from './sync-event.ts';

/** A count for each kind of event. */
export type ByKind = Readonly<Record<SyncEvent['kind'], number>>;

/** The accounts whose summaries a commit changed, and the symbols whose price it brought. */
export type CommitChanges = {readonly accounts: readonly string[]; readonly symbols: readonly string[]};

/** An event that was set aside, and why. */
export type Refused = {
  readonly kind: SyncEvent['kind'];
  readonly key: string;
  readonly why: string;
  /** It came as an event, not as a row. */
  readonly byEvent: boolean;
};

/** What the database did with a batch. */
export type Applied = {
  /** Trades that were not in the ledger before. */
  readonly trades: number;
  /** Trades that were in the ledger already. */
  readonly duplicates: number;
  /** The duplicates whose entries their row or event has changed: they had come by the other one. */
  readonly adopted: number;
  /** Figures that had been counted and are others now. */
  readonly restated: number;
  /** Trades that no longer count, since their rows are gone. */
  readonly busted: number;
  /** Positions and marks that are now the newest of their key. */
  readonly positions: number;
  readonly marks: number;
  /** Positions and marks that are older than what analytics has. */
  readonly stalePositions: number;
  readonly staleMarks: number;
  /** Accounts whose summaries the trades have changed. */
  readonly accounts: readonly string[];
  /** What went into quarantine in the same transaction. */
  readonly refused: readonly Refused[];
};

/** What became of a batch: what was applied, and what went into quarantine. */
export type BatchOutcome = Applied & {
  readonly quarantined: number;
  readonly quarantinedByKind: ByKind;
  /** Transactions that it took, failed ones included. */
  readonly transactions: number;
};

/** The counts of events in an outcome. */
const OUTCOME_COUNTS = [
  'trades',
  'duplicates',
  'adopted',
  'restated',
  'busted',
  'positions',
  'stalePositions',
  'marks',
  'staleMarks',
  'quarantined',
] as const satisfies readonly (keyof BatchOutcome)[];

type Counts = Readonly<Record<(typeof OUTCOME_COUNTS)[number], number>>;

export const NONE_OF_ANY_KIND: ByKind = {trades: 0, positions: 0, market_data: 0};

export const NO_OUTCOME: BatchOutcome = {
  ...countsOf(() => 0),
  accounts: [],
  refused: [],
  quarantinedByKind: NONE_OF_ANY_KIND,
  transactions: 0,
};

/** The outcome of a batch that one transaction applied. */
export const outcomeOf = (applied: Applied): BatchOutcome => {
  const {refused} = applied;
  return {...applied, quarantined: refused.length, quarantinedByKind: countByKind(refused), transactions: 1};
};

/** The outcome of a batch that was split in two after one transaction had failed. */
export const outcomeOfBoth = (a: BatchOutcome, b: BatchOutcome): BatchOutcome => ({
  ...countsOf(name => a[name] + b[name]),
  accounts: [...a.accounts, ...b.accounts],
  refused: [...a.refused, ...b.refused],
  quarantinedByKind: sumByKind(a.quarantinedByKind, b.quarantinedByKind),
  transactions: a.transactions + b.transactions + 1,
});

const countByKind = (events: readonly Pick<SyncEvent, 'kind'>[]): ByKind => ({
  trades: events.filter(({kind}) => kind === 'trades').length,
  positions: events.filter(({kind}) => kind === 'positions').length,
  market_data: events.filter(({kind}) => kind === 'market_data').length,
});

export const sumByKind = (a: ByKind, b: ByKind): ByKind => ({
  trades: a.trades + b.trades,
  positions: a.positions + b.positions,
  market_data: a.market_data + b.market_data,
});

function countsOf(count: (name: keyof Counts) => number): Counts {
  return Object.fromEntries(OUTCOME_COUNTS.map(name => [name, count(name)])) as Counts;
}
