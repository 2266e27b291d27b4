import pg from 'pg';
import {afterAll, beforeEach, describe, expect, it} from 'vitest';
import {cloneDesk} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const MARKET = 'data_ingestion.market_data';
const opened: {readonly db: Database; readonly clients: pg.Client[]}[] = [];
let db: Database;
let client: pg.Client;
beforeEach(async () => {
  db = await cloneDesk();
  opened.push({db, clients: []});
  client = await connect();
});
afterAll(async () => {
  for (const {db, clients} of opened) {
    for (const c of clients) await c.end();
    await db.drop();
  }
});

async function connect(): Promise<pg.Client> {
  const c = new pg.Client(db.config);
  c.on('error', () => {});
  await c.connect();
  opened.at(-1)?.clients.push(c);
  return c;
}

const create = async (month: string, table = 'market_data', c = client): Promise<string> =>
  (await c.query('SELECT shared.create_monthly_partition($1, $2) AS did', [table, month])).rows[0].did;
const bars = (symbol: string, from: string, count: number, every = '1 hour'): Promise<unknown> =>
  client.query(
    `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
     SELECT $1, $2::timestamptz + n * $4::interval, 1, 2, 1, 2, n FROM generate_series(0, $3::int - 1) AS n`,
    [symbol, from, count, every],
  );
const homeOf = async (symbol: string): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    (
      await client.query(
        `SELECT tableoid::regclass::text AS home, count(*)::int AS n FROM data_ingestion.market_data
         WHERE symbol = $1 GROUP BY 1 ORDER BY 1`,
        [symbol],
      )
    ).rows.map(r => [r.home.replace('data_ingestion.market_data_', ''), r.n]),
  );
const bounds = async (name: string): Promise<unknown> =>
  (
    await client.query(
      `SELECT from_at AT TIME ZONE 'UTC' || ' to ' || (to_at AT TIME ZONE 'UTC') AS span
       FROM shared.partitions('data_ingestion.market_data') WHERE partition::text LIKE '%' || $1`,
      [name],
    )
  ).rows[0]?.span;

describe('creating a month', () => {
  it('creates it once, in UTC in any session’s zone, with every index, key and constraint of its parent', async () => {
    await client.query("SET timezone = 'Asia/Tokyo'");
    expect([await create('2031-02-01'), await create('2031-02-01')]).toEqual(['created', 'already there']);
    expect(await bounds('2031_02')).toBe('2031-02-01 00:00:00 to 2031-03-01 00:00:00');
    const {rows} = await client.query(
      `SELECT (SELECT count(*)::int FROM pg_index WHERE indrelid = $1::regclass AND indisvalid) AS indexes,
         (SELECT count(*)::int FROM pg_index WHERE indrelid = $2::regclass) AS parent_indexes,
         (SELECT array_agg(conname::text ORDER BY 1) FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c') AS checks`,
      ['data_ingestion.market_data_2031_02', MARKET],
    );
    expect(rows[0].indexes).toBe(rows[0].parent_indexes);
    expect(rows[0].checks).toEqual(['finite_prices', 'non_negative_volume', 'positive_prices', 'valid_ohlc']);
  });

  it.each(['market_data', 'MARKET_DATA', 'data_ingestion.market_data'])(
    'accepts the table’s name as %s',
    async name => {
      expect(await create('2031-02-01', name)).toBe('created');
    },
  );

  it('gets the last microsecond of its month, and not the first of the next', async () => {
    await create('2031-02-01');
    await create('2031-03-01');
    await bars('X', '2031-02-28T23:59:59.999999Z', 1);
    await bars('Y', '2031-03-01T00:00:00Z', 1);
    expect([await homeOf('X'), await homeOf('Y')]).toEqual([{'2031_02': 1}, {'2031_03': 1}]);
  });

  it('moves its rows out of the default partition, and no others', async () => {
    await bars('X', '2031-02-27T00:00:00Z', 72);
    expect(await homeOf('X')).toEqual({default: 72});
    expect(await create('2031-02-01')).toBe('created, 48 rows moved from the default partition');
    expect(await homeOf('X')).toEqual({'2031_02': 48, default: 24});
    expect((await client.query('SELECT count(DISTINCT id)::int AS n FROM data_ingestion.market_data')).rows[0].n).toBe(
      72,
    );
    expect(await create('2031-03-01')).toBe('created, 24 rows moved from the default partition');
    expect(await homeOf('X')).toEqual({'2031_02': 48, '2031_03': 24});
  });

  it('refuses a month that another partition covers, and names that partition', async () => {
    await client.query(`CREATE TABLE data_ingestion.market_data_y2032 PARTITION OF data_ingestion.market_data
      FOR VALUES FROM ('2032-01-01Z') TO ('2033-01-01Z')`);
    const error = await create('2032-06-01').catch((e: pg.DatabaseError) => e);
    expect(error).toMatchObject({code: '42P17', constraint: 'no_overlap'});
    expect(String(error)).toMatch(/month 2032-06 .* overlaps partition .*market_data_y2032/);
    expect(await create('2033-01-01')).toBe('created');
  });

  it('does not take an unrelated table of that name for the month', async () => {
    await client.query('CREATE TABLE data_ingestion.market_data_2031_02 (id int)');
    await expect(create('2031-02-01')).rejects.toMatchObject({
      code: '42P07',
      hint: expect.stringMatching(/ATTACH PARTITION/),
    });
  });

  it('happens once when eight try at the same time', async () => {
    const clients = await Promise.all(Array.from({length: 8}, connect));
    const did = await Promise.all(clients.map(c => create('2031-02-01', 'market_data', c)));
    expect([...did].sort()).toEqual([...Array.from({length: 7}, () => 'already there'), 'created']);
  });

  it('blocks no reader or writer of other months, and takes no strong lock on the parent', async () => {
    const writer = await connect();
    await writer.query('BEGIN');
    await writer.query(
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close) VALUES ('W', now(), 1, 1, 1, 1)`,
    );
    await client.query('BEGIN');
    expect(await create('2031-02-01')).toBe('created');
    const {rows} = await client.query(
      `SELECT array_agg(DISTINCT mode) AS modes FROM pg_locks WHERE relation = $1::regclass AND pid = pg_backend_pid()
       AND locktype = 'relation' AND granted`,
      [MARKET],
    );
    expect(rows[0].modes).not.toContain('AccessExclusiveLock');
    expect(rows[0].modes).not.toContain('ExclusiveLock');
    const other = await connect();
    await other.query("SET lock_timeout = '1s'");
    await other.query(
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close) VALUES ('V', now(), 1, 1, 1, 1)`,
    );
    // The planner excludes the default partition if others cover the whole range.
    await other.query(`SELECT count(*) FROM data_ingestion.market_data
      WHERE timestamp >= '${await month(0)}-01Z' AND timestamp < '${await month(1)}-01Z'`);
    await client.query('COMMIT');
    await writer.query('COMMIT');
  });

  it('gives up at its lock timeout, changes nothing, and succeeds later', async () => {
    const holder = await connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE data_ingestion.market_data_default IN ACCESS SHARE MODE');
    await expect(create('2031-02-01')).rejects.toMatchObject({code: '55P03'});
    expect(await bounds('2031_02')).toBeUndefined();
    await holder.query('COMMIT');
    expect(await create('2031-02-01')).toBe('created');
  });

  it('loses no row while others insert, also into the month itself', async () => {
    const writers = await Promise.all(Array.from({length: 4}, connect));
    let stop = false;
    let written = 0;
    let turnedAway = 0;
    const writing = writers.map(async (w, i) => {
      for (let n = 0; !stop; n++) {
        // Half of them go to the month that is being created: these wait for the lock on the default partition.
        const at = n % 2 === 0 ? '2031-02-10T00:00:00Z' : '2026-11-10T00:00:00Z';
        await w
          .query(
            `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
             VALUES ($1, $2::timestamptz + $3 * interval '1 second', 1, 1, 1, 1)`,
            [`W${i}`, at, n],
          )
          .then(
            () => written++,
            // It was routed to the default partition before the month existed: 23514, to be retried.
            (e: {code?: string}) => {
              if (e.code !== '23514') throw e;
              turnedAway++;
            },
          );
      }
    });
    await waitFor('writers to write', () => written > 100);
    const did = await create('2031-02-01');
    const before = written;
    await waitFor('writers to go on', () => written > before + 100);
    stop = true;
    await Promise.all(writing);
    expect(did).toMatch(/^created/);
    const {rows} = await client.query(
      `SELECT count(*)::int AS n, count(*) FILTER (WHERE tableoid = 'data_ingestion.market_data_default'::regclass)::int AS lost
       FROM data_ingestion.market_data`,
    );
    expect(rows[0]).toEqual({n: written, lost: 0});
    expect(turnedAway).toBeLessThanOrEqual(writers.length);
  });

  it('grants its rights for our own tables only', async () => {
    await client.query(`CREATE SCHEMA mine; CREATE TABLE mine.traps (at timestamptz NOT NULL) PARTITION BY RANGE (at);
      GRANT USAGE ON SCHEMA mine TO tradetop_operator, tradetop_owner`);
    await client.query('SET ROLE tradetop_operator');
    await expect(create('2031-02-01', 'mine.traps')).rejects.toMatchObject({code: '42809'});
    await expect(create('2031-02-01', 'traps')).rejects.toMatchObject({code: '42P01'});
    await client.query('RESET ROLE');
  });
});

describe('months ahead', () => {
  it('are created if they are missing, the current one included', async () => {
    await client.query(`DROP TABLE data_ingestion.market_data_${(await month(2)).replace('-', '_')}`);
    const {rows} = await client.query(
      'SELECT to_char(month, $$YYYY-MM$$) AS month, result FROM shared.ensure_partitions_ahead(8)',
    );
    expect(rows).toEqual(
      await Promise.all(
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map(async n => ({
          month: await month(n),
          result: n === 2 || n > 6 ? 'created' : 'already there',
        })),
      ),
    );
  });
});

describe('months past their retention', () => {
  it('are detached with their rows, and the others stay', async () => {
    await create('2020-01-01');
    await create('2020-02-01');
    await bars('OLD', '2020-01-15T00:00:00Z', 10);
    await bars('NEW', `${await month(0)}-01T00:00:00Z`, 10);
    const {rows} = await client.query('SELECT partition, from_at::text FROM shared.detach_old_partitions(365)');
    expect(rows.map(r => r.partition)).toEqual([
      'data_ingestion.market_data_2020_01',
      'data_ingestion.market_data_2020_02',
    ]);
    expect([await homeOf('OLD'), Object.values(await homeOf('NEW'))]).toEqual([{}, [10]]);
    expect((await client.query('SELECT count(*)::int AS n FROM data_ingestion.market_data_2020_01')).rows[0].n).toBe(
      10,
    );
    expect((await client.query('SELECT * FROM shared.detach_old_partitions(365)')).rows).toEqual([]);
  });

  it('stay while any of their days is within the retention', async () => {
    await create('2020-01-01');
    const days = "(current_date - DATE '2020-02-01')";
    const detached = async (keep: string) =>
      (await client.query(`SELECT * FROM shared.detach_old_partitions(${keep})`)).rowCount;
    expect([await detached(`${days} + 1`), await detached(`${days} - 1`)]).toEqual([0, 1]);
  });

  it('can be attached again as the error on creating them says', async () => {
    await create('2020-01-01');
    await bars('OLD', '2020-01-15T00:00:00Z', 10);
    await client.query('SELECT * FROM shared.detach_old_partitions(365)');
    const error = (await create('2020-01-01').catch((e: unknown) => e)) as {hint: string};
    await client.query(error.hint.replace(/^[^:]*: /, ''));
    expect(await homeOf('OLD')).toEqual({'2020_01': 10});
  });
});

async function month(ahead: number): Promise<string> {
  const {rows} = await client.query(
    "SELECT to_char((now() AT TIME ZONE 'UTC') + make_interval(months => $1), 'YYYY-MM') AS month",
    [ahead],
  );
  return rows[0].month;
}
