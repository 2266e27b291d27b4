import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {ask} from '../../../src/io/prepared.ts';
import {type Database, freshDatabase} from '../../helpers/servers/servers.ts';

describe('a statement that is asked again and again', () => {
  let database: Database;
  let client: pg.Client;
  const prepared = async (): Promise<number> => {
    const {rows} = await client.query<{n: number}>('SELECT count(*)::int AS n FROM pg_prepared_statements');
    return rows[0]?.n ?? -1;
  };
  beforeAll(async () => {
    database = await freshDatabase();
    client = new pg.Client(database.config);
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  it('is prepared once, and asked anew where the server has lost it or where its columns have changed', async () => {
    const one = async (text: string) => (await ask(client, {text, values: []}, true)).rows;
    expect(await one('SELECT 1 AS a')).toEqual([{a: 1}]);
    expect(await one('SELECT 1 AS a')).toEqual([{a: 1}]);
    expect(await one('SELECT 2 AS a')).toEqual([{a: 2}]);
    expect(await prepared()).toBe(2);
    await client.query('CREATE TABLE t (a int); INSERT INTO t VALUES (3)');
    expect(await one('SELECT * FROM t')).toEqual([{a: 3}]);
    await client.query('ALTER TABLE t ADD COLUMN b int');
    expect(await one('SELECT * FROM t')).toEqual([{a: 3, b: null}]);
  });

  it('is asked as it is from then on', async () => {
    const other = new pg.Client(database.config);
    await other.connect();
    try {
      const one = async () => (await ask(other, {text: 'SELECT 4 AS a', values: []}, true)).rows;
      expect(await one()).toEqual([{a: 4}]);
      await other.query('DEALLOCATE ALL');
      expect(await one()).toEqual([{a: 4}]);
      expect(await one()).toEqual([{a: 4}]);
      const {rows} = await other.query('SELECT FROM pg_prepared_statements');
      expect(rows).toEqual([]);
    } finally {
      await other.end();
    }
  });

  it('says why it fails, as any other', async () => {
    await expect(ask(client, {text: 'SELECT 1 / 0', values: []}, true)).rejects.toMatchObject({code: '22012'});
  });
});
