import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Pg} from '../../../src/io/pg.ts';
import {indexesPoller} from '../../../src/monitor/indexes.ts';
import {partitionsPoller} from '../../../src/monitor/partitions.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {monitorPool, readerOf, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let trading: Pg;

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'psql');
  trading = monitorPool(targetOf(desk));
});
afterAll(async () => {
  await Promise.all([trading?.close(), admin?.end()]);
  await desk?.drop();
});

describe('indexes', () => {
  const read = async () => (await readerOf(indexesPoller, {trading})()).indexes;

  it('of the set-up are none that need a look', async () => {
    expect(await read()).toEqual([]);
  });

  it('are named when they are the same as another, unused or invalid; a constraint’s never', async () => {
    for (const statement of [
      'CREATE SCHEMA look',
      'CREATE TABLE look.rows (id int PRIMARY KEY, a int, b text)',
      'INSERT INTO look.rows SELECT i, i / 2, repeat(i::text, 40) FROM generate_series(1, 20000) AS i',
      'CREATE INDEX same_as_key ON look.rows (id)',
      'CREATE INDEX a_1 ON look.rows (a)',
      'CREATE INDEX a_2 ON look.rows (a)',
      'CREATE INDEX a_other_order ON look.rows (a DESC)',
      'CREATE INDEX a_part ON look.rows (a) WHERE a > 5',
      'CREATE INDEX lower_1 ON look.rows (lower(b))',
      'CREATE INDEX lower_2 ON look.rows (lower(b))',
      'ANALYZE look.rows',
      'SELECT pg_stat_force_next_flush()',
    ])
      await admin.query(statement);
    await admin.query('CREATE UNIQUE INDEX CONCURRENTLY broken ON look.rows (a)').catch(() => {});
    const rows = await waitFor('unused ones', async () => {
      const all = await read();
      return ['unused', 'invalid'].every(what => all.some(({problem}) => problem === what)) && all;
    });
    expect(rows.map(({name, problem, duplicateOf}) => [name, problem, duplicateOf]).sort()).toEqual([
      ['a_2', 'duplicate', 'a_1'],
      ['broken', 'invalid', undefined],
      ['lower_1', 'unused', undefined],
      ['lower_2', 'duplicate', 'lower_1'],
      ['same_as_key', 'duplicate', 'rows_pkey'],
    ]);
    expect(rows[0]).toMatchObject({schema: 'look', table: 'rows', name: 'broken'});
  });
});

describe('bloat', () => {
  it('is estimated by what the rows need', async () => {
    for (const statement of [
      'CREATE TABLE public.holes (id int, b text) WITH (autovacuum_enabled = off)',
      'INSERT INTO public.holes SELECT i, repeat(i::text, 20) FROM generate_series(1, 40000) AS i',
      'DELETE FROM public.holes WHERE id % 5 <> 0',
      'VACUUM (ANALYZE) public.holes',
    ])
      await admin.query(statement);
    const {bloat} = await readerOf(indexesPoller, {trading})();
    const row = bloat.find(({name}) => name === 'holes');
    expect(row?.bloatPercent).toBeGreaterThan(70);
    expect(row?.bloatPercent).toBeLessThan(90);
    expect(bloat.find(({schema}) => schema === 'look')?.bloatPercent).toBeLessThan(10);
  });
});

describe('partitions by time', () => {
  const read = async () => (await readerOf(partitionsPoller, {trading})()).partitions;
  const market = async () => (await read()).find(({name}) => name === 'market_data');

  it('are counted as far as they go without a gap', async () => {
    const before = await market();
    expect(before).toMatchObject({schema: 'data_ingestion', covered: true, defaultPartition: 'market_data_default'});
    expect(before?.aheadSeconds).toBeGreaterThan(90 * 86_400);
    const next = await admin.query(`SELECT to_char(now() + interval '1 month', 'YYYY_MM') AS month`);
    await admin.query(`DROP TABLE data_ingestion.market_data_${next.rows[0].month}`);
    const after = await market();
    expect(after?.covered).toBe(true);
    expect(after?.aheadSeconds).toBeLessThan(32 * 86_400);
  });

  it('tell rows in the default partition', async () => {
    expect(await market()).toMatchObject({defaultRows: 0});
    await admin.query(
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
       VALUES ('AAPL', '2011-01-03', 1, 1, 1, 1, 1)`,
    );
    await admin.query('SELECT pg_stat_force_next_flush()');
    await waitFor('the row', async () => (await market())?.defaultRows === 1);
  });
});
