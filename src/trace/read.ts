import type {z} from 'zod';
import {failureOf, UserError} from '../core/errors.ts';
import {keyText, sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import {decode} from '../monitor/columns.ts';
import {refuseHidden} from '../monitor/row-security.ts';
import {SourceError} from '../monitor/source-error.ts';
import type {Part, TraceFacts} from './facts.ts';
import * as rows from './facts.ts';

/** A signal's number, as a bigint has it. */
const NUMBER = /^[1-9]\d{0,17}$/;
/** Rows of a statement: what has more is cut off, and nothing can be said of what is missing. */
const MOST_ROWS = 5000;

/** The connection that a trace is read on. */
export const TRACE_PG = {max: 1, statementMs: 10_000, leavesAt: '1s'} as const;

/**
 * Reads what the tables have of an order, trade, signal or correlation id, each table by an index. A table that may not be
 * read is `denied`, and the others are read all the same. Throws a UserError for an
 * id with 5,000 steps or more, and the driver's error where the server does not answer.
 */
export async function readTraceFacts(io: Io, id: string): Promise<TraceFacts> {
  const read = readerOf(io);
  const [clock] = decode(rows.clockRow, await io.query('trace/clock'), 'trace/clock');
  const byId = await read(rows.signalRow, 'trace/signals', [[id], NUMBER.test(id) ? id : null]);
  const own = await read(rows.fillRow, 'trace/fills', [[id], []], 'execution.trades');
  const linked = await read(rows.stepRow, 'trace/steps', [[], [id]], 'execution.execution_logs');
  const orderIds = distinct(
    [id],
    [...byId.raws, ...own.raws, ...linked.raws].map(raw => raw.order_id),
  );
  const orders = await read(rows.orderRow, 'trace/orders', [orderIds], 'execution.orders');
  const steps = await read(rows.stepRow, 'trace/steps', [orderIds, [id]], 'execution.execution_logs');
  const correlations = distinct(
    orderIds,
    byId.raws.map(raw => raw.correlation_id),
  );
  const signals = await read(rows.signalRow, 'trace/signals', [correlations, NUMBER.test(id) ? id : null]);
  const filledBy = distinct(
    [id],
    steps.raws.map(raw => raw.trade_id),
  );
  const fills = await read(rows.fillRow, 'trace/fills', [filledBy, orderIds], 'execution.trades');
  const tradeIds = distinct(
    filledBy,
    fills.raws.map(raw => raw.trade_id),
  );
  const analytics = await readAnalytics(read, tradeIds);
  const logs = await read(rows.lineRow, 'trace/logs', [distinct(correlations, tradeIds)]);
  const audit = await read(rows.actRow, 'trace/audit', [tradeIds]);
  const now = clock?.now ?? nowMicros();
  return {id: keyText(id), now, signals, orders, steps, fills, ...analytics, logs, audit};
}

async function readAnalytics(read: Reader, tradeIds: readonly string[]) {
  const ledger = await read(rows.entryRow, 'trace/ledger', [tradeIds]);
  const of = (column: string) => ledger.raws.map(raw => raw[column] ?? null);
  return {
    ledger,
    quarantine: await read(rows.asideRow, 'trace/quarantine', [tradeIds]),
    restated: await read(rows.restatedRow, 'actions/restatements', [tradeIds]),
    portfolio: await read(rows.portfolioRow, 'trace/portfolio', [of('account_id'), of('symbol')]),
    metrics: await read(rows.metricsRow, 'trace/metrics', [of('strategy'), of('date')]),
    workers: await read(rows.workerRow, 'trace/workers', []),
  };
}

type Reader = <S extends z.ZodType>(
  schema: S,
  sql: string,
  params: readonly unknown[],
  secured?: string,
) => Promise<Part<z.output<S>> & {readonly raws: readonly Raw[]}>;

/** Reads a part. `secured`: a table with row-level security, of which no row may also mean that none is shown. */
const readerOf =
  (io: Io): Reader =>
  async (schema, sql, params, secured) => {
    try {
      const raws: readonly Raw[] = await io.query(sql, params);
      if (raws.length >= MOST_ROWS) {
        throw new UserError('It has too many steps to follow.', 'Name one of its trades, or another correlation id.');
      }
      if (raws.length === 0 && secured !== undefined) await refuseHidden(io, secured);
      return {rows: decode(schema, raws, sql), raws};
    } catch (error) {
      if (error instanceof UserError) throw error;
      const {why, message} = error instanceof SourceError ? error.failure : failureOf(error);
      if (why !== 'denied') throw error;
      return {rows: [], raws: [], denied: sanitise(message, 300)};
    }
  };

/** Ids as the tables have them, each once. */
const distinct = (first: readonly string[], more: readonly (Raw[string] | undefined)[]): readonly string[] => [
  ...new Set([...first, ...more.filter(each => typeof each === 'string')]),
];
