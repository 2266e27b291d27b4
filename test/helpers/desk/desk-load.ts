import type pg from 'pg';

/** The amount of data to fill a desk with. */
export type Load = {
  readonly bars: number;
  readonly trades: number;
  readonly symbols: number;
  /** Gets a line after each part. */
  readonly say?: (line: string) => void;
};

/** A query that a desk runs all day long. */
export type DeskQuery = {
  readonly name: string;
  readonly text: string;
  /** Parameters of its n-th run: another symbol, account or day each time. */
  readonly values: (n: number) => readonly unknown[];
};

const MONTHS = 12;
const ACCOUNTS = 50;
const STRATEGIES = 100;
const CHUNK = 1_000_000;

/**
 * Fills a database that is set up: evenly spread bars of twelve months up to now, and trades of the same period, four
 * to an order; every hundredth order is open. The same arguments give the same rows.
 */
export async function fillDesk(client: pg.ClientBase, {bars, trades, symbols, say = () => {}}: Load): Promise<void> {
  for (let back = MONTHS; back > 0; back--) {
    await client.query(
      `SELECT shared.create_monthly_partition('data_ingestion.market_data',
        (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => $1))::date)`,
      [back],
    );
  }
  for (let from = 0; from < bars; from += CHUNK) {
    const to = Math.min(bars, from + CHUNK);
    await client.query(
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
       SELECT 'S' || lpad((n % $3)::text, 4, '0'), now() - interval '1 minute' - (n / $3) * (interval '335 days' * $3 / $4),
         100 + n % 100, 110 + n % 100, 90 + n % 100, 105 + n % 100, n
       FROM generate_series($1::bigint, $2::bigint - 1) AS n`,
      [from, to, symbols, bars],
    );
    say(`${to.toLocaleString('en-US')} bars`);
  }
  const orders = Math.ceil(trades / 4);
  await client.query(
    `INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, status, strategy, created_at)
     SELECT 'O' || n, 'A' || n % ${ACCOUNTS}, 'S' || lpad((n % $2)::text, 4, '0'), 'buy', 'market', 100,
       CASE WHEN n % 100 = 0 THEN 'submitted' ELSE 'filled' END::execution.order_status, 'strategy ' || n % ${STRATEGIES},
       now() - n * (interval '335 days' / $1)
     FROM generate_series(0, $1::int - 1) AS n`,
    [orders, symbols],
  );
  for (let from = 0; from < trades; from += CHUNK / 4) {
    const to = Math.min(trades, from + CHUNK / 4);
    await client.query(
      `INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at, strategy)
       SELECT 'T' || n, 'O' || n / 4, 'A' || (n / 4) % ${ACCOUNTS}, 'S' || lpad(((n / 4) % $3)::text, 4, '0'), 25,
         100 + n % 100, now() - n * (interval '335 days' / $4), 'strategy ' || (n / 4) % ${STRATEGIES}
       FROM generate_series($1::int, $2::int - 1) AS n`,
      [from, to, symbols, trades],
    );
  }
  say(`${orders.toLocaleString('en-US')} orders, ${trades.toLocaleString('en-US')} trades`);
}

const DAY_MS = 86_400_000;
const since = (ms: number): string => new Date(Date.now() - ms).toISOString();
/** The bounds of a day, UTC. */
const day = (n: number): readonly [string, string] => {
  const from = Math.floor(Date.now() / DAY_MS - 1 - (n % 300)) * DAY_MS;
  return [new Date(from).toISOString(), new Date(from + DAY_MS).toISOString()];
};

/**
 * The four queries. With a default partition PostgreSQL cannot order the partitions, so the latest bar is searched
 * within a week. Bounds are parameters: the sum of a time and an interval depends on the session's time zone, and so
 * excludes partitions only after all of them were planned, which takes ten times as long as the reading.
 */
export const deskQueries = (symbols: number): readonly DeskQuery[] => {
  const symbol = (n: number): string => `S${String((n * 7) % symbols).padStart(4, '0')}`;
  return [
    {
      name: 'latest bar of a symbol',
      text: `SELECT timestamp, close FROM data_ingestion.market_data
        WHERE symbol = $1 AND timestamp > $2 AND timestamp <= $3 ORDER BY timestamp DESC LIMIT 1`,
      values: n => [symbol(n), since(7 * DAY_MS), since(0)],
    },
    {
      name: 'a symbol’s day',
      text: `SELECT timestamp, open, high, low, close, volume FROM data_ingestion.market_data
        WHERE symbol = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp`,
      values: n => [symbol(n), ...day(n)],
    },
    {
      name: 'an account’s open orders',
      text: `SELECT order_id, symbol, side, quantity, status, created_at FROM execution.orders
        WHERE account_id = $1 AND status IN ('pending', 'submitted', 'partially_filled') ORDER BY created_at DESC`,
      values: n => [`A${n % ACCOUNTS}`],
    },
    {
      name: 'a day’s trades of a strategy',
      text: `SELECT trade_id, symbol, quantity, price, executed_at FROM execution.trades
        WHERE strategy = $1 AND executed_at >= $2 AND executed_at < $3 ORDER BY executed_at`,
      values: n => [`strategy ${n % STRATEGIES}`, ...day(n)],
    },
  ];
};

/** A table or partition that a query reads, with the plan node, of the executed nodes. */
export type Touched = {readonly relation: string; readonly by: string; readonly index: string | undefined};

type Node = Readonly<Record<string, unknown>> & {readonly Plans?: readonly Node[]};

/** Runs a query under EXPLAIN ANALYZE and returns every relation that it read. */
export async function touchedBy(
  client: pg.ClientBase,
  {text, values}: DeskQuery,
  n: number,
): Promise<readonly Touched[]> {
  const {rows} = await client.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, [...values(n)]);
  const found: Touched[] = [];
  const walk = (node: Node, above: string | undefined): void => {
    const name = (node['Relation Name'] as string | undefined) ?? above;
    if (Number(node['Actual Loops']) > 0 && (node['Relation Name'] || node['Index Name'])) {
      found.push({
        relation: name ?? '',
        by: String(node['Node Type']),
        index: node['Index Name'] as string | undefined,
      });
    }
    for (const child of node.Plans ?? []) walk(child, name);
  };
  walk(rows[0]['QUERY PLAN'][0].Plan, undefined);
  return found;
}
