import type {z} from 'zod';
import {failureOf, UserError} from '../core/errors.ts';
import {keyText, sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros, nowMicros, parseMicros} from '../core/time.ts';
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
 * read is `denied`, and the others are read all the same. Of an order with 5,000 steps or more a trade of it is followed alone.
 * Throws a UserError for any other id with so many, and the driver's error where the server does not answer.
 */
export async function readTraceFacts(io: Io, id: string): Promise<TraceFacts> {
  const read = readerOf(io);
  const [clock] = decode(rows.clockRow, await io.query('trace/clock'), 'trace/clock');
  const byId = await read(rows.signalRow, 'trace/signals', [[id], NUMBER.test(id) ? id : null]);
  // Of an archive every month costs planning: they are looked through only for what is not known yet, and from a time on.
  const open = await read(rows.fillRow, 'trace/fills', [[id], [], 'infinity'], undefined);
  const linked = await read(rows.stepRow, 'trace/steps', [[], [id]], 'execution.execution_logs');
  const isNamed = byId.raws.length + open.raws.length + linked.raws.length > 0;
  const own = isNamed ? open : await read(rows.fillRow, 'trace/fills', [[id], [], EVER], 'execution.trades');
  const orderIds = distinct(
    [id],
    [...byId.raws, ...own.raws, ...linked.raws].map(raw => raw.order_id),
  );
  const orders = await read(rows.orderRow, 'trace/orders', [orderIds], 'execution.orders');
  const since = earliest(orders.raws, own.raws);
  const isTrade = own.raws.length + linked.raws.length > 0;
  const {alone, steps, filledBy, fills} = await readFills(read, {orderIds, id, since}).catch(async (error: unknown) => {
    if (!isTrade || !(error instanceof TooManyError)) throw error;
    return {alone: true, steps: linked, filledBy: [id], fills: own};
  });
  const correlations = distinct(
    orderIds,
    byId.raws.map(raw => raw.correlation_id),
  );
  const signals = await read(rows.signalRow, 'trace/signals', [correlations, NUMBER.test(id) ? id : null]);
  const tradeIds = distinct(
    filledBy,
    fills.raws.map(raw => raw.trade_id),
  );
  const analytics = await readAnalytics(read, {tradeIds, fills: fills.raws, since});
  const around = await readAround(read, {
    correlations: distinct(correlations, tradeIds),
    tradeIds,
    subjects: [...orders.raws, ...fills.raws, ...signals.raws],
    booked: [...fills.raws, ...analytics.ledger.raws],
    quarantine: analytics.quarantine.raws,
  });
  const now = clock?.now ?? nowMicros();
  return {id: keyText(id), now, alone, signals, orders, steps, fills, ...analytics, ...around};
}

const EVER = '-infinity';
/** Clocks of services differ; a fill is not executed longer before its order is written, in microseconds. */
const BEFORE_ORDER: Micros = 86_400_000_000;

/** The time before which no fill of a life was executed, as far as its orders, or else its trades, tell. */
function earliest(orders: readonly Raw[], fills: readonly Raw[]): string {
  const known = orders.length > 0 ? orders.map(raw => raw.created_at) : fills.map(raw => raw.executed_at);
  const times = known.map(at => (typeof at === 'string' ? parseMicros(at) : undefined));
  const first = times.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.min(a, b)), times[0]);
  return first === undefined ? EVER : isoMicros(first - BEFORE_ORDER);
}

/** The recorded steps of orders, and their fills. */
async function readFills(
  read: Reader,
  {orderIds, id, since}: {readonly orderIds: readonly string[]; readonly id: string; readonly since: string},
) {
  const steps = await read(rows.stepRow, 'trace/steps', [orderIds, [id]], 'execution.execution_logs');
  const filledBy = distinct(
    [id],
    steps.raws.map(raw => raw.trade_id),
  );
  const fills = await read(rows.fillRow, 'trace/fills', [filledBy, orderIds, since], 'execution.trades');
  return {alone: false, steps, filledBy, fills};
}

type Traded = {readonly tradeIds: readonly string[]; readonly fills: readonly Raw[]; readonly since: string};

async function readAnalytics(read: Reader, {tradeIds, fills, since}: Traded) {
  const ledger = await read(rows.entryRow, 'trace/ledger', [tradeIds, since]);
  const of = (column: string) => ledger.raws.map(raw => raw[column] ?? null);
  const unannounced = new Set(ledger.raws.filter(raw => raw.source === 'table').map(raw => raw.trade_id));
  const created = fills.filter(raw => unannounced.has(raw.trade_id ?? null)).map(raw => raw.created_at ?? null);
  return {
    ledger,
    quarantine: await read(rows.asideRow, 'trace/quarantine', [tradeIds]),
    restated: await read(rows.restatedRow, 'actions/restatements', [tradeIds]),
    portfolio: await read(rows.portfolioRow, 'trace/portfolio', [of('account_id'), of('symbol')]),
    metrics: await read(rows.metricsRow, 'trace/metrics', [of('strategy'), of('date')]),
    workers: await read(rows.workerRow, 'trace/workers', []),
    gaps: created.length === 0 ? NOTHING : await read(rows.gapRow, 'trace/gaps', [created]),
  };
}

const NOTHING = {rows: [], raws: []} as const;

type Around = {
  readonly correlations: readonly string[];
  readonly tradeIds: readonly string[];
  /** Orders, fills and signals: whose life it is. */
  readonly subjects: readonly Raw[];
  /** Fills and entries. */
  readonly booked: readonly Raw[];
  readonly quarantine: readonly Raw[];
};

/** What was judged, told, logged and done about a life, by its ids and, of its accounts, in its time. */
async function readAround(read: Reader, {correlations, tradeIds, subjects, booked, quarantine}: Around) {
  const valuesOf = (raws: readonly Raw[], ...columns: readonly string[]) =>
    distinct(
      [],
      raws.flatMap(raw => columns.map(column => raw[column])),
    );
  const [accounts, symbols, strategies] = ['account_id', 'symbol', 'strategy'].map(name => valuesOf(subjects, name));
  const times = valuesOf(
    [...subjects, ...booked],
    ...['generated_at', 'created_at', 'updated_at', 'executed_at', 'applied_at'],
  );
  const risks = await read(rows.riskRow, 'trace/risk_events', [correlations, accounts, symbols, strategies, times]);
  const acts = [
    ...valuesOf(risks.raws, 'id').map(key => ['risk_management.risk_events', key] as const),
    ...valuesOf(quarantine, 'id').map(key => ['analytics.sync_quarantine', key] as const),
    ...(strategies ?? []).map(key => ['strategy_engine.strategies', key] as const),
  ];
  return {
    risks,
    told: await read(rows.toldRow, 'trace/notifications', [
      distinct(
        correlations,
        risks.raws.map(raw => raw.correlation_id),
      ),
    ]),
    logs: await read(rows.lineRow, 'trace/logs', [correlations]),
    audit: await read(rows.actRow, 'trace/audit', [
      tradeIds,
      acts.map(([table]) => table),
      acts.map(([, key]) => key),
      times,
    ]),
  };
}

/** A statement gave so many rows that more may have been cut off. */
class TooManyError extends UserError {}

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
        throw new TooManyError(
          'It has too many steps to follow.',
          'Name one of its trades, or another correlation id.',
        );
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
