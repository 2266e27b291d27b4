import pg from 'pg';
import {type PostgresServer, startPostgres} from '../../src/demo/postgres.ts';
import {openPg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import type {Section} from '../../src/setup/sections.ts';
import {type SetupOptions, setUp} from '../../src/setup/setup.ts';
import {readTraceFacts, TRACE_PG} from '../../src/trace/read.ts';
import {readChecks} from '../../src/verify/read-checks.ts';
import {CHECK_SETTINGS, runChecks} from '../../src/verify/run.ts';
import {fillBooks} from '../helpers/desk/books-load.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {type DeskQuery, deskQueries, fillDesk, touchedBy} from '../helpers/desk/desk-load.ts';
import {quantile, timed} from './measure.ts';
import type {Bench, Report} from './report.ts';

// The aims apply to TRADETOP_BENCH_BARS=10000000 TRADETOP_BENCH_TRADES=1000000: about 3 GB of disk and some minutes to
// fill. The default is a tenth of that.
const BARS = Number(process.env.TRADETOP_BENCH_BARS ?? 1_000_000);
const TRADES = Number(process.env.TRADETOP_BENCH_TRADES ?? 100_000);
const FILLED = 'bench';
const SYMBOLS = 500;
const RUNS = 300;
const PER_SECOND = 200;
const MONTHS_CREATED = 12;

/**
 * The data layer on a private PostgreSQL: set-up, a desk's queries on a filled database, creating months under load, the
 * checks of the data.
 */
export const bench: Bench = async report => {
  const server = await startPostgres({settings: {shared_buffers: '512MB', max_wal_size: '4GB', jit: 'off'}});
  try {
    await setUps(server, report);
    const only = (...parts: readonly Section[]): Promise<unknown> => setUp({...plan(server, FILLED), only: parts});
    const start = performance.now();
    await only('databases', 'tables', 'roles');
    const client = await connect(server);
    await fillDesk(client, {bars: BARS, trades: TRADES, symbols: SYMBOLS, say: report.log});
    await only('indexes');
    await client.query('VACUUM ANALYZE');
    report.log(`filled in ${((performance.now() - start) / 1000).toFixed(0)} s`);
    for (const query of deskQueries(SYMBOLS)) await timeQuery(client, query, report);
    await createMonths(server, client, report);
    await client.end();
    await verifyBooks(server, report);
  } finally {
    await server.stop();
  }
};

const plan = (server: PostgresServer, database: string): SetupOptions => ({
  trading: targetOf({...server, database}),
  prefect: {database: 'prefect', owner: 'prefect'},
  sql: loadSql(),
});

async function connect({host, port, user, password}: PostgresServer, database: string = FILLED): Promise<pg.Client> {
  const client = new pg.Client({host, port, user, password, database, ssl: false});
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function setUps(server: PostgresServer, report: Report): Promise<void> {
  const run = async (): Promise<number> => {
    const start = performance.now();
    await setUp(plan(server, 'trading_system'));
    return (performance.now() - start) / 1000;
  };
  const fresh = await run();
  report.row({name: 'set-up of a fresh server', value: fresh, unit: 's', aim: '< 5 s', met: fresh < 5});
  const again = await run();
  const ratio = fresh / again;
  const baselineIs = 'the first run';
  report.row({
    name: 'set-up again',
    value: again,
    unit: 's',
    baseline: fresh,
    baselineIs,
    ratio,
    aim: '< 1 s',
    met: again < 1,
  });
}

async function timeQuery(client: pg.Client, query: DeskQuery, report: Report): Promise<void> {
  const touched = await touchedBy(client, query, 1);
  const way = touched.map(t => `${t.by}${t.index ? ` ${t.index}` : ''}`).join(', ');
  report.log(`${query.name}: ${way}`);
  const indexed = await median(client, query, RUNS);
  const scanned = await median(client, bare(query), 3);
  const baselineIs = 'a scan of the whole table';
  report.row({name: query.name, value: indexed, unit: 'ms', baseline: scanned, baselineIs, ratio: scanned / indexed});
}

/** The same query in a form that cannot use an index or a partition's bounds. (PostgreSQL 18 uses disabled indexes.) */
function bare({name, text, values}: DeskQuery): DeskQuery {
  const [head = '', conditions = ''] = text.split('WHERE');
  const hidden = conditions
    .replace(/\b(symbol|account_id|strategy)\b/g, "($1 || '')")
    .replace(/\b(timestamp|executed_at|created_at)\b/g, "($1 + interval '0')")
    .replace(/\bstatus\b/g, 'status::text');
  return {name, text: `${head}WHERE${hidden}`, values};
}

/** Median time of a query over the network, in milliseconds. */
async function median(client: pg.Client, {text, values}: DeskQuery, times: number): Promise<number> {
  const all: number[] = [];
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await client.query(text, [...values(n)]);
    all.push(performance.now() - start);
  }
  return all.sort((a, b) => a - b)[Math.floor(times / 2)] as number;
}

/**
 * Creates months ahead, one after the other, while 200 bars a second are inserted, and polls every millisecond who
 * holds the parent's lock. The figure that matters to the desk is the longest insert meanwhile.
 */
async function createMonths(server: PostgresServer, creator: pg.Client, report: Report): Promise<void> {
  const [writer, watcher] = [await connect(server), await connect(server)];
  const pid = (creator as unknown as {processID: number}).processID;
  const before = await inserts(writer, () => pause(2000));
  let longest = 0;
  const during = await inserts(writer, async () => {
    for (let ahead = 7; ahead < 7 + MONTHS_CREATED; ahead++) {
      const held = watchLock(watcher, pid);
      await creator.query(
        `SELECT shared.create_monthly_partition('data_ingestion.market_data',
          (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $1))::date)`,
        [ahead],
      );
      longest = Math.max(longest, await held.stop());
      await pause(100);
    }
  });
  await writer.end();
  await watcher.end();
  report.row({
    name: `longest lock on the parent, of ${MONTHS_CREATED} months created at ${PER_SECOND} inserts/s`,
    value: longest,
    unit: 'ms',
    aim: '< 50 ms',
    met: longest < 50,
  });
  report.row({
    name: 'longest insert meanwhile',
    value: during.longest,
    unit: 'ms',
    baseline: before.longest,
    baselineIs: 'no month opened',
    ratio: during.longest / before.longest,
  });
  if (during.failed > 0) throw new Error(`${during.failed} inserts failed while months were created`);
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** Inserts a bar every 5 ms until `work` is done. */
async function inserts(
  writer: pg.Client,
  work: () => Promise<void>,
): Promise<{readonly longest: number; readonly failed: number}> {
  let [longest, failed, n, over] = [0, 0, 0, false];
  const start = performance.now();
  const writing = (async () => {
    while (!over) {
      const due = start + (n++ * 1000) / PER_SECOND;
      await pause(Math.max(0, due - performance.now()));
      const began = performance.now();
      await writer
        .query(
          `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
           VALUES ('BENCH', clock_timestamp(), 1, 2, 0.5, 1.5, 1)`,
        )
        .catch(() => (failed += 1));
      longest = Math.max(longest, performance.now() - began);
    }
  })();
  await work();
  over = true;
  await writing;
  return {longest, failed};
}

/**
 * Polls whether a backend holds more than a reader's or writer's lock on the parent; `stop` returns the longest time in
 * ms.
 */
function watchLock(watcher: pg.Client, pid: number): {readonly stop: () => Promise<number>} {
  let over = false;
  const watching = (async () => {
    let [since, longest] = [undefined as number | undefined, 0];
    while (!over) {
      const {rowCount} = await watcher.query(
        `SELECT FROM pg_locks WHERE pid = $1 AND granted AND locktype = 'relation'
           AND relation = 'data_ingestion.market_data'::regclass AND mode NOT IN ('AccessShareLock', 'RowExclusiveLock')`,
        [pid],
      );
      const now = performance.now();
      since = rowCount === 0 ? undefined : (since ?? now);
      longest = Math.max(longest, now - (since ?? now));
    }
    return longest;
  })();
  return {
    stop: () => {
      over = true;
      return watching;
    },
  };
}

const FEW = 20_000;
const RECENT = 5000;

/**
 * The checks of the data on right books: in their window, which holds the same trades however long the history before
 * it, and of everything.
 */
async function verifyBooks(server: PostgresServer, report: Report): Promise<void> {
  const [few] = await timeChecks(server, FEW, report);
  const [many, full] = await timeChecks(server, TRADES, report);
  report.row({
    name: `data checks, last 48 h of ${TRADES.toLocaleString('en-US')} trades`,
    value: many,
    unit: 'ms',
    baseline: few,
    baselineIs: `of ${FEW.toLocaleString('en-US')}`,
    ratio: many / few,
    aim: '≤ 2×',
    met: many / few <= 2,
  });
  report.row({
    name: `data checks of all ${TRADES.toLocaleString('en-US')} trades`,
    value: full / 1000,
    unit: 's',
    baseline: many / 1000,
    baselineIs: 'the last 48 h',
    ratio: full / many,
    aim: '≤ 20 s',
    met: full <= 20_000,
  });
  await traceTrades(server, report);
}

const TRACES = 40;

/** The lives of trades, each read on a connection of its own that is there already: beside few trades and beside all. */
async function traceTrades(server: PostgresServer, report: Report): Promise<void> {
  const time = async (history: number): Promise<number> => {
    const all: number[] = [];
    for (let n = 0; n < TRACES; n++) {
      const target = targetOf({...server, database: `books_${history}`});
      const io = openPg(target, loadSql(), {name: 'tradetop bench', ...TRACE_PG, reads: 'as monitor'});
      await io.query('trace/clock');
      all.push(await timed(() => readTraceFacts(io, `T${n * 17}`)));
      await io.close();
    }
    return quantile(all, 0.5);
  };
  const [few, many] = [await time(FEW), await time(TRADES)];
  report.row({
    name: `trace of one of ${TRADES.toLocaleString('en-US')} trades`,
    value: many,
    unit: 'ms',
    baseline: few,
    baselineIs: `of ${FEW.toLocaleString('en-US')}`,
    ratio: many / few,
    aim: '≤ 50 ms',
    met: many <= 50,
  });
}

/** Milliseconds that the checks of the data take, in their window (the median of some runs) and of everything. */
async function timeChecks(server: PostgresServer, history: number, report: Report): Promise<readonly [number, number]> {
  const database = `books_${history}`;
  await setUp({...plan(server, database), only: ['databases', 'tables', 'roles', 'indexes']});
  const client = await connect(server, database);
  await fillBooks(client, {history, recent: RECENT, say: report.log});
  await client.end();
  const io = openPg(targetOf({...server, database}), loadSql(), {
    name: 'tradetop bench',
    max: 1,
    statementMs: 600_000,
    reads: 'as monitor',
    settings: CHECK_SETTINGS,
  });
  const time = async (full: boolean): Promise<number> => {
    const start = performance.now();
    const results = await runChecks(io, readChecks(io.sql), {only: ['data'], full});
    const bad = results.filter(result => result.status !== 'pass');
    if (bad.length > 0) throw new Error(`right books do not pass: ${JSON.stringify(bad)}`);
    if (full) for (const {id, ms} of results) report.log(`${id}: ${ms} ms`);
    return performance.now() - start;
  };
  try {
    await time(false);
    const windows: number[] = [];
    for (let n = 0; n < 9; n++) windows.push(await time(false));
    return [windows.sort((a, b) => a - b)[4] as number, await time(true)];
  } finally {
    await io.close();
  }
}
