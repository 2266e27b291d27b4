import {failureOf, READ_ONLY, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {unusable} from '../io/pg-client.ts';
import {pgName} from '../io/targets.ts';
import type {Bar} from './bars.ts';
import type {BookPosition} from './book.ts';
import {createDesk, type Desk, type DeskStart} from './desk.ts';
import {parseFixed} from './fixed.ts';
import {createHistory} from './history.ts';
import type {Permits} from './permits.ts';
import type {DeskService, Services} from './services.ts';
import {writeSignals} from './signals.ts';
import {ACCOUNTS, SYMBOLS} from './universe.ts';
import {writeBars, writeBatch, writeBatchOf} from './write.ts';

type OpenDesk = {
  readonly desk: Desk;
  /** Older bars of the day before, which are written while the desk trades. */
  readonly older: readonly Bar[];
};

// The last hour of bars is written before the desk trades.
const FIRST_BARS = 60 * SYMBOLS.length;

/**
 * Opens the desk in the state that the database has: where an earlier run ended, or, on an empty database, after a day
 * of invented history. Trades and orders of a seed are numbered through all its runs. Throws a UserError when the
 * database cannot be used.
 */
export async function openDesk(services: Services, seed: number, permits: Permits): Promise<OpenDesk> {
  const {execution} = services;
  const ids = await first(execution, 'feed/last_ids', [`T-${seed}-`, `O-${seed}-`]).catch(error =>
    throwUnusable(error, execution),
  );
  const start = await readStart(execution, seed, ids).catch(error => throwUnusable(error, execution));
  const desk = createDesk({...start, permits});
  await execution.run('feed/cancel_stale_orders', [`O-${seed}-`]).catch(error => throwUnusable(error, execution));
  if (ids?.empty !== true) return {desk, older: []};
  const {bars, steps} = createHistory(desk, seed, nowMicros());
  const newest = bars.slice(-FIRST_BARS);
  const batch = writeBatchOf(steps);
  const made = batch.steps.flatMap(({order, before}) => (before === undefined ? [order] : []));
  await Promise.all([
    writeBars(services.data_ingestion, newest),
    writeBatch(execution, batch),
    writeSignals(services.strategy_engine, made, seed),
  ]).catch(error => throwUnusable(error, execution));
  return {desk, older: bars.slice(0, -FIRST_BARS)};
}

const first = async (service: DeskService, statement: string, params: readonly unknown[]): Promise<Raw | undefined> =>
  (await service.run(statement, params))[0];

async function readStart(execution: DeskService, seed: number, ids: Raw | undefined): Promise<DeskStart> {
  const held = await execution.run('feed/book', [ACCOUNTS, SYMBOLS]);
  const closes = await execution.run('feed/last_prices', [SYMBOLS]);
  return {
    seed,
    trades: numberOf(ids?.trade_id),
    orders: numberOf(ids?.order_id),
    positions: held.map(positionOf),
    prices: new Map(closes.map(row => [String(row.symbol), parseFixed(String(row.close))])),
  };
}

const numberOf = (id: Raw[string] | undefined): number => Number(/(\d+)$/.exec(String(id ?? ''))?.[1] ?? 0);

const positionOf = (row: Raw): BookPosition => ({
  accountId: String(row.account_id),
  symbol: String(row.symbol),
  quantity: parseFixed(String(row.quantity)),
  avgPrice: parseFixed(String(row.avg_price)),
  realizedPnl: parseFixed(String(row.realized_pnl)),
});

/** Throws a failure at the start as a UserError that says what to do about it. */
export function throwUnusable(error: unknown, {pg: {target}}: DeskService): never {
  if (error instanceof UserError) throw error;
  const {why, message, next, sqlstate} = failureOf(error);
  const at = pgName(target);
  if (sqlstate === READ_ONLY)
    throw new UserError(`The database at ${at} accepts no writes: ${sanitise(message)}.`, next);
  if (why === 'not_set_up' || sqlstate === '42703' || sqlstate === '42704') {
    throw new UserError(`The database at ${at} is not set up: ${sanitise(message)}.`, 'Run: tradetop setup');
  }
  if (sqlstate === '42501') {
    throw new UserError(
      `User ${sanitise(target.user)} has no right to trade at ${at}: ${sanitise(message)}.`,
      'Set SVC_EXECUTION_PASSWORD and the other services’ passwords, or TRADING_DB_USER to a user with the right to write.',
    );
  }
  throw unusable(target, error);
}
