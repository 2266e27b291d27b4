import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import {quietly} from '../core/quietly.ts';
import {readStatement} from '../io/sql.ts';
import {measureClient} from './measured-client.ts';
import {createQuerySums, type QuerySums, spanColumns} from './query-sums.ts';

export type QueryPerformanceOptions = {
  /** The service's name in logging.performance_logs, at most 50 characters. */
  readonly service: string;
  /** A query is slow from here on, in milliseconds. Default: 1,000. */
  readonly slowMs?: number;
  /** Between two writings, in milliseconds. Default: 10,000. */
  readonly everyMs?: number;
  /** Writes the rows. Default: the measured pool itself; what it writes is not measured. */
  readonly writeTo?: Pick<pg.Pool, 'query'>;
  /** The correlation id of the work that runs now: `log.correlationId`. */
  readonly correlationId?: () => string | undefined;
  /** Called when the database did not take the rows, which are tried again with the next ones. */
  readonly onError?: (error: unknown) => void;
};

/** What services measured of their queries, by service. */
export type PerformanceSummary = Readonly<
  Record<
    string,
    {
      /** Mean, in seconds; 0 where there was no query. */
      readonly avg_query_time: number;
      readonly total_queries: number;
      /** Over the threshold. */
      readonly slow_query_count: number;
    }
  >
>;

/** The measurement of a pool. */
export type QueryPerformance = {
  /** Since the start of the measurement. The summaries of several pools are put together by `{...one, ...other}`. */
  readonly getPerformanceSummary: () => PerformanceSummary;
  /** Tries once to write what was measured since the last time. Never rejects. */
  readonly flush: () => Promise<void>;
  /** Ends the measurement and writes the rest, for at most `limitMs` (default 2,000). Call it before the pool is closed. */
  readonly close: (limitMs?: number) => Promise<void>;
};

const SLOW_MS = 1000;
const EVERY_MS = 10_000;
const ANSWER_MS = 10_000;

/** SQLSTATEs of rows that the table does not take: to write them again would fail again. */
const REFUSED = /^(?:22|23|54)/;

/** Our own statement, which is not measured. */
const OWN = 'service/performance_logs';

/**
 * Measures every query of a pool, those of its clients too, and writes counts and times to logging.performance_logs in batches:
 * a row for each operation, and one for each slow query, with the statement's text without its values. It changes neither results nor
 * errors nor types, and what it keeps is bounded: 500 operations and the 100 slowest queries between two writings. An operation is the
 * statement's name: that of a prepared statement, that in its first comment, else the beginning of its text.
 */
export function trackQueryPerformance(pool: pg.Pool, options: QueryPerformanceOptions): QueryPerformance {
  const {slowMs = SLOW_MS, everyMs = EVERY_MS, writeTo = pool} = options;
  const service = options.service.replaceAll('\0', '').slice(0, 50);
  const text = readStatement(OWN);
  const sums = createQuerySums(slowMs, options.correlationId ?? (() => undefined));
  const stopMeasuring = measurePool(pool, text, sums);
  const write = async (values: readonly unknown[]): Promise<void> =>
    void (await writeTo.query({text, values: [service, ...values], query_timeout: ANSWER_MS} as pg.QueryConfig));
  const flush = once(() => writeSpan(sums, write, options.onError ?? (() => {})));
  const timer = setInterval(() => void flush(), everyMs).unref();
  return {
    getPerformanceSummary: () => {
      const {queries, ms, slow} = sums.total();
      const mean = queries === 0 ? 0 : ms / queries / 1000;
      return {[service]: {avg_query_time: mean, total_queries: queries, slow_query_count: slow}};
    },
    flush,
    close: async (limitMs = 2000) => {
      clearInterval(timer);
      stopMeasuring();
      // What was on its way, then what came meanwhile.
      await Promise.race([flush().then(flush), new Promise<void>(done => setTimeout(done, limitMs).unref())]);
    },
  };
}

/** Adds the queries of a pool, but those with the text `own`, until the function that it gives is called. */
function measurePool(pool: pg.Pool, own: string, sums: QuerySums): () => void {
  const known = new WeakSet<pg.ClientBase>();
  let over = false;
  // Whether by `query` or `connect`, every use of a client begins with this.
  const onAcquire = (client: pg.PoolClient): void => {
    if (known.has(client)) return;
    known.add(client);
    measureClient(client, query => {
      if (!over && query.text !== own) quietly(() => sums.add(query));
    });
  };
  pool.on('acquire', onAcquire);
  return () => {
    over = true;
    pool.off('acquire', onAcquire);
  };
}

async function writeSpan(
  sums: QuerySums,
  write: (values: readonly unknown[]) => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  const span = sums.take();
  if (span.sums.size === 0) return;
  try {
    await write(spanColumns(span));
  } catch (error) {
    quietly(() => onError(error));
    if (!REFUSED.test(failureOf(error).sqlstate ?? '')) sums.putBack(span);
  }
}

/** The same work, which never runs twice at a time: who asks meanwhile waits for the one that runs. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
