import {type Micros, nowMicros, parseMicros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import {lsnText} from '../io/pgoutput.ts';
import {applyBatch} from './apply.ts';
import type {Batch} from './batch.ts';
import type {ConsumerOptions} from './consumer.ts';
import {applyIsolated, isTooSlow} from './isolate.ts';
import {type Applied, type BatchOutcome, outcomeOf} from './outcome.ts';
import {isPoison} from './quarantine.ts';
import {type Ask, inTransaction} from './session.ts';
import {type BarChange, isAhead, type SlotBatch} from './slot-changes.ts';
import {SLOT} from './slot-server.ts';
import type {SyncMark} from './sync-event.ts';
import {untilDone} from './until-done.ts';

/**
 * Commits batches of changes, each with the position that it reaches, one call after the other, until the database takes
 * it. False: `limit` aborted first.
 */
export type SlotCommit = (batch: SlotBatch, limit: AbortSignal) => Promise<boolean>;

type SlotCommitOptions = Pick<ConsumerOptions, 'db' | 'onCommitted' | 'onFailed' | 'onGap' | 'worker'>;

export function createSlotCommit({db, worker, onCommitted, onFailed, onGap}: SlotCommitOptions): SlotCommit {
  const newest = new Map<string, Micros>();
  const once = async (batch: SlotBatch): Promise<void> => {
    const start = performance.now();
    const outcome = await applyChanges({db, worker, newest}, batch);
    const {trades, positions, bars, untold} = batch;
    if (untold !== undefined) onGap({reason: 'lost', from: undefined, to: nowMicros()}, untold);
    const marks = bars.map(bar => ({key: bar.symbol}));
    if (!isEmpty(batch)) onCommitted({trades, positions, marks}, outcome, performance.now() - start);
  };
  return (batch, limit) => untilDone(() => once(batch), onFailed, limit);
}

/** It only stores a position. */
const isEmpty = ({trades, orders, positions, bars}: SlotBatch): boolean =>
  trades.length + orders.length + positions.length + bars.length === 0;

type Target = {
  readonly db: Pg;
  readonly worker: string;
  /** The newest bar of each symbol that was seen. */
  readonly newest: Map<string, Micros>;
};

/**
 * Applies a batch in one transaction, with its position. Where one of its changes is at fault, or the time is not enough
 * for all, they are applied apart, that change goes into quarantine, and the position is stored last.
 */
async function applyChanges(target: Target, batch: SlotBatch): Promise<BatchOutcome> {
  const {db} = target;
  try {
    return outcomeOf(await inTransaction(db, ask => applyTogether(ask, target, batch)));
  } catch (error) {
    if (!isPoison(error) && !isTooSlow(error)) throw error;
  }
  const changes = await inTransaction(db, ask => changesOf(ask, target, batch));
  const outcome = await applyIsolated(db, changes);
  await inTransaction(db, ask => store(ask, target, batch));
  return outcome;
}

async function applyTogether(ask: Ask, target: Target, batch: SlotBatch): Promise<Applied> {
  const applied = await applyBatch(ask, await changesOf(ask, target, batch));
  await store(ask, target, batch);
  return applied;
}

/** Stores the position, and the gap that goes with what the changes did not tell. */
async function store(ask: Ask, {worker}: Target, {untold, end}: SlotBatch): Promise<void> {
  if (untold !== undefined) await ask('sync/slot_gap', [worker]);
  await ask('sync/slot_advance', [SLOT, lsnText(end)]);
}

/** The rows to settle, those of orders that changed included, and what positions and prices are now. */
async function changesOf(
  ask: Ask,
  {newest}: Target,
  {trades, orders, positions, bars, end}: SlotBatch,
): Promise<Batch> {
  const others = orders.length === 0 ? [] : await ask('sync/slot_orders', [orders]);
  const rows = new Set([...trades.map(trade => trade.key), ...others.map(row => String(row.trade_id))]);
  const arrival = `WAL:${lsnText(end)}`;
  const arrivals = new Map(trades.map(({key, at, receivedAt}) => [key, {publishedAt: at, receivedAt, arrival}]));
  return {trades: [], rows: [...rows], arrivals, positions, marks: await marksOf(ask, newest, bars)};
}

/** The bars that are their symbol's newest, as marks of the time when they were committed, or of their later start. */
async function marksOf(
  ask: Ask,
  newest: Map<string, Micros>,
  bars: readonly BarChange[],
): Promise<readonly SyncMark[]> {
  const unknown = bars.filter(bar => !newest.has(bar.symbol)).map(bar => bar.symbol);
  for (const row of unknown.length === 0 ? [] : await ask('sync/slot_bars', [unknown])) {
    const at = typeof row.newest === 'string' ? parseMicros(row.newest) : undefined;
    if (at !== undefined) newest.set(String(row.symbol), at);
  }
  const marks = bars.filter(bar => bar.barAt >= (newest.get(bar.symbol) ?? bar.barAt));
  // They are in the table, whatever becomes of this transaction.
  for (const bar of marks) if (!isAhead(bar)) newest.set(bar.symbol, bar.barAt);
  return marks.map(({symbol: key, price, barAt, at}) => ({
    kind: 'market_data',
    key,
    price,
    asOf: Math.max(barAt, at),
    at,
    receivedAt: at,
    since: at,
  }));
}
