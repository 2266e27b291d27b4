import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {type Applied, AT_ONCE, applyBatch, type Revaluing} from './apply.ts';
import type {Item} from './item.ts';
import type {Batch} from './queue.ts';
import {inTransaction} from './session.ts';

/** What became of a batch: the effects of what could be applied, and how many events went into quarantine. */
export type IsolateOutcome = Applied & {
  readonly quarantined: number;
  readonly aside: ByKind;
  readonly transactions: number;
};

/** Of the events in quarantine, how many are of which kind. */
export type ByKind = Readonly<Record<Item['kind'], number>>;

const NONE: ByKind = {trades: 0, positions: 0, market_data: 0};

/** query_canceled: the server gave a statement up, for which it had no more time. */
const TOO_SLOW = '57014';

// Data exceptions, broken constraints, limits of the program (a key too long for its index), a function's own refusal:
// the event is at fault and would be again. All else is the server's or the network's, and passes.
const POISON = /^(?:21|22|23|44|54|P0)/;

/** Whether an error is the event's own fault, so that applying it again cannot help. */
export const isPoison = (error: unknown): boolean => {
  const {sqlstate} = failureOf(error);
  return sqlstate === undefined ? error instanceof RangeError || error instanceof TypeError : POISON.test(sqlstate);
};

/** Whether the server gave a statement up for want of time: with less to do it may have it. */
export const isTooSlow = (error: unknown): boolean => failureOf(error).sqlstate === TOO_SLOW;

/** What one event alone may take, in milliseconds: more than a batch, since it cannot be halved. */
const PATIENCE = {statementMs: 120_000, answerMs: 125_000} as const;

/**
 * Applies a batch in one transaction. When an event in it is at fault, the batch is halved until that event stands
 * alone, which then goes into quarantine with its reason; all others are applied. A position that cannot be marked is
 * not an event's fault: what is at fault is sought without marking, and the symbols stay to be marked. Errors that are
 * nobody's fault are thrown: the whole batch can be tried again.
 */
export async function applyIsolated(db: Pg, batch: Batch, revaluing: Revaluing = AT_ONCE): Promise<IsolateOutcome> {
  try {
    return await inOne(db, batch, revaluing);
  } catch (error) {
    const slow = isTooSlow(error);
    if (!isPoison(error) && !slow) throw error;
    if (revaluing.now) return add(NOTHING, await applyIsolated(db, batch, {...revaluing, now: false}));
    const items = itemsOf(batch);
    if (items.length < 2) {
      if (slow) return add(NOTHING, await inOne(db, batch, revaluing, PATIENCE));
      const kind = await quarantine(db, items[0], error);
      return {...NOTHING, unmarked: revaluing.dirty, quarantined: 1, aside: {...NONE, [kind]: 1}, transactions: 1};
    }
    return add(...(await inTurn(halved(items), half => applyIsolated(db, isolatedBatchOf(half), revaluing))));
  }
}

/** Counts of an outcome, each by its name there. */
export const NO_EVENTS = {
  trades: 0,
  duplicates: 0,
  adopted: 0,
  positions: 0,
  stalePositions: 0,
  marks: 0,
  staleMarks: 0,
  quarantined: 0,
};

const NOTHING: IsolateOutcome = {...NO_EVENTS, unmarked: [], aside: NONE, transactions: 0};

// What fails in one half is no reason to leave the other undone.
async function inTurn([first, second]: Halves<Item>, apply: (half: readonly Item[]) => Promise<IsolateOutcome>) {
  let failed: {readonly error: unknown} | undefined;
  const done = await apply(first).catch((error: unknown) => {
    if (failureOf(error).sqlstate === undefined) throw error;
    failed = {error};
    return NOTHING;
  });
  const rest = await apply(second);
  if (failed) throw failed.error;
  return [done, rest] as const;
}

type Halves<T> = readonly [readonly T[], readonly T[]];

/** Two halves, in their order; the first has the odd one. */
export function halved<T>(items: readonly T[]): Halves<T> {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

async function inOne(db: Pg, batch: Batch, revaluing: Revaluing, patience?: typeof PATIENCE): Promise<IsolateOutcome> {
  const applied = await inTransaction(
    db,
    async ask => {
      if (patience) await ask('sync/timeouts', [`${patience.statementMs}ms`]);
      return applyBatch(ask, batch, revaluing);
    },
    patience?.answerMs,
  );
  return {...applied, quarantined: 0, aside: NONE, transactions: 1};
}

export const itemsOf = (batch: Batch): readonly Item[] => [...batch.trades, ...batch.positions, ...batch.marks];

/** The symbols whose positions a batch makes to be marked, and `more`. */
export const symbolsOf = (batch: Batch, more: readonly string[]): readonly string[] => [
  ...new Set([...more, ...batch.marks.map(mark => mark.key), ...batch.positions.map(position => position.symbol)]),
];

/** A batch of given items; their order among their kind stays. */
export const isolatedBatchOf = (items: readonly Item[]): Batch => ({
  trades: items.filter(item => item.kind === 'trades'),
  positions: items.filter(item => item.kind === 'positions'),
  marks: items.filter(item => item.kind === 'market_data'),
});

export const sumByKind = (a: ByKind, b: ByKind): ByKind => ({
  trades: a.trades + b.trades,
  positions: a.positions + b.positions,
  market_data: a.market_data + b.market_data,
});

function add(a: IsolateOutcome, b: IsolateOutcome): IsolateOutcome {
  const count = (key: Exclude<keyof IsolateOutcome, 'unmarked' | 'aside'>): number => a[key] + b[key];
  return {
    trades: count('trades'),
    duplicates: count('duplicates'),
    adopted: count('adopted'),
    positions: count('positions'),
    stalePositions: count('stalePositions'),
    marks: count('marks'),
    staleMarks: count('staleMarks'),
    unmarked: [...new Set([...a.unmarked, ...b.unmarked])],
    quarantined: count('quarantined'),
    aside: sumByKind(a.aside, b.aside),
    transactions: count('transactions') + 1,
  };
}

/** Identity of an event in the quarantine: a trade's id; a position's or a mark's key and time. */
export const quarantineKey = (item: Item): string =>
  item.kind === 'trades' ? item.key : `${item.key.replace('\u001f', ' ')} @ ${item.asOf}`;

/** Puts an event aside with the reason why it cannot be applied. Throws it where there is no event to put aside. */
export async function quarantine(db: Pg, item: Item | undefined, error: unknown): Promise<Item['kind']> {
  // Only marks to renew were in the batch: they are at fault themselves, and are renewed by the sweep.
  if (!item) throw error;
  const {message, sqlstate} = failureOf(error);
  await inTransaction(db, ask =>
    ask('sync/quarantine', [item.kind, quarantineKey(item), JSON.stringify(item), sqlstate, sanitise(message, 500)]),
  );
  return item.kind;
}
