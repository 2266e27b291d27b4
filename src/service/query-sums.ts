import {columnsOf} from '../core/columns.ts';
import {markedName, statementShape} from '../core/statement-shape.ts';
import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import type {Measured} from './measured-client.ts';

const WIDTH = 100;
const MOST_OPERATIONS = 500;
const OTHERS = '(others)';
const MOST_SLOW = 100;
/** So many different texts are read once only. */
const MOST_TEXTS = 500;
const LONGEST_TEXT = 4000;

type Sum = {
  readonly queries: number;
  readonly ms: number;
  readonly slow: number;
  readonly worst: number;
  readonly failed: number;
  readonly shape: string;
};
type Sums = Map<string, Sum>;
type Slow = {
  readonly at: Micros;
  readonly operation: string;
  readonly ms: number;
  readonly id: string | null;
  readonly shape: string;
};

/** What was measured in a span: the sums of each operation, and the slowest queries one by one. */
export type QuerySpan = {readonly since: number; readonly sums: Sums; readonly slowest: readonly Slow[]};

/** The queries of a service, summed up within bounds. */
export type QuerySums = {
  readonly add: (query: Measured) => void;
  /** Everything since the last call. */
  readonly take: () => QuerySpan;
  /** Takes back what could not be written. */
  readonly putBack: (span: QuerySpan) => void;
  /** Since the start; milliseconds in all. */
  readonly total: () => {readonly queries: number; readonly ms: number; readonly slow: number};
};

export function createQuerySums(slowMs: number, correlationId: () => string | undefined): QuerySums {
  const readText = createTexts();
  let total = {queries: 0, ms: 0, slow: 0};
  let [sums, slowest, since]: [Sums, readonly Slow[], number] = [new Map(), [], performance.now()];
  return {
    add: query => {
      const slow = query.ms > slowMs;
      total = {queries: total.queries + 1, ms: total.ms + query.ms, slow: total.slow + (slow ? 1 : 0)};
      const {operation, shape} = readText(query);
      const {ms, failed} = query;
      const one = {queries: 1, ms, slow: slow ? 1 : 0, worst: ms, failed: failed ? 1 : 0, shape};
      const counted = addTo(sums, operation, one);
      if (!slow) return;
      const id = correlationId();
      slowest = worstOfThem([
        ...slowest,
        {at: nowMicros(), operation: counted, ms, id: id === undefined ? null : nameOf(id), shape},
      ]);
    },
    take: () => {
      const span = {since, sums, slowest};
      [sums, slowest, since] = [new Map(), [], performance.now()];
      return span;
    },
    putBack: span => {
      const newer = sums;
      sums = new Map(span.sums);
      for (const [operation, sum] of newer) addTo(sums, operation, sum);
      slowest = worstOfThem([...span.slowest, ...slowest]);
      since = span.since;
    },
    total: () => total,
  };
}

const worstOfThem = (all: readonly Slow[]): readonly Slow[] =>
  all.length <= MOST_SLOW ? all : all.toSorted((a, b) => b.ms - a.ms).slice(0, MOST_SLOW);

/** Adds to an operation, and gives the name under which it counts: beyond the bound that of all others. */
function addTo(sums: Sums, wanted: string, sum: Sum): string {
  const operation = sums.has(wanted) || sums.size < MOST_OPERATIONS ? wanted : OTHERS;
  const before = sums.get(operation);
  const shape = operation === OTHERS ? '' : sum.shape;
  const joined = before && {
    queries: before.queries + sum.queries,
    ms: before.ms + sum.ms,
    slow: before.slow + sum.slow,
    worst: Math.max(before.worst, sum.worst),
    failed: before.failed + sum.failed,
    shape: before.shape,
  };
  sums.set(operation, joined ?? {...sum, shape});
  return operation;
}

/** What a query is called, and its text without values. */
type Text = {readonly operation: string; readonly shape: string};

/** A name as its column takes it. */
const nameOf = (text: string): string => text.replaceAll('\0', '').slice(0, WIDTH).toWellFormed();

/** Reads the texts of queries, those that come again once. */
function createTexts(): (query: Measured) => Text {
  const known = new Map<string, Text>();
  return ({text, name}) => {
    const key = `${name ?? ''}\0${text}`;
    const before = known.get(key);
    if (before) return before;
    const shape = statementShape(text);
    const read = {operation: nameOf(name ?? markedName(text) ?? shape) || OTHERS, shape};
    if (known.size >= MOST_TEXTS) known.clear();
    if (text.length <= LONGEST_TEXT) known.set(key, read);
    return read;
  };
}

type Row = {
  readonly at: Micros;
  readonly operation: string;
  readonly ms: number;
  readonly queries: number | null;
  readonly average: number | null;
  readonly slow: number | null;
  readonly id: string | null;
  readonly details: string;
};

/** The parameters of service/performance_logs after the service: a row for each operation, and one for each slow query. */
export function spanColumns({since, sums, slowest}: QuerySpan): readonly unknown[] {
  const [at, span] = [nowMicros(), performance.now() - since];
  const summed = [...sums].map(([operation, {queries, ms, slow, worst, failed, shape}]): Row => {
    const statement: Readonly<Record<string, string>> = shape === '' || shape === operation ? {} : {statement: shape};
    const details = detailsOf({worst_ms: Math.round(worst * 1000) / 1000, failed, ...statement});
    return {at, operation, ms: span, queries, average: ms / queries / 1000, slow, id: null, details};
  });
  const single = slowest.map(({shape, ...one}): Row => {
    return {...one, queries: null, average: null, slow: null, details: detailsOf({statement: shape})};
  });
  return columnsOf([...summed, ...single], COLUMNS);
}

// jsonb takes neither NUL nor half surrogates.
const detailsOf = (details: Readonly<Record<string, number | string>>): string =>
  JSON.stringify(details, (_key, value) =>
    typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
  );

const COLUMNS: readonly ((row: Row) => string | number | null)[] = [
  r => isoMicros(r.at),
  r => r.operation,
  r => r.ms.toFixed(3),
  r => r.average?.toFixed(6) ?? null,
  r => r.queries,
  r => r.slow,
  r => r.id,
  r => r.details,
];
