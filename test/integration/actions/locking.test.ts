import fc from 'fast-check';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {OptimisticLockError, updateWithVersion, type VersionedRow} from '../../../src/io/locking.ts';
import {type Database, freshDatabase, runSql} from '../../helpers/servers/servers.ts';

const ODD = `a'b"c;--`;
let database: Database;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await runSql(
    database.config,
    `CREATE SCHEMA desk;
     CREATE TABLE desk.limits (id bigserial PRIMARY KEY, name text, most numeric(15,4) CONSTRAINT positive_most CHECK (most > 0),
       about jsonb, version integer NOT NULL DEFAULT 1, updated_at timestamptz NOT NULL DEFAULT '-infinity');
     CREATE TABLE desk."odd. ""name""" ("the key" text PRIMARY KEY, "a'b""c;--" text, version integer NOT NULL DEFAULT 1);`,
  );
  pool = new pg.Pool({...database.config, max: 9});
  pool.on('error', () => {});
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const newLimit = async (most = '1'): Promise<string> =>
  (await pool.query('INSERT INTO desk.limits (name, most) VALUES ($1, $2) RETURNING id', ['n', most])).rows[0].id;
const limit = async (id: string): Promise<VersionedRow> =>
  (await pool.query('SELECT * FROM desk.limits WHERE id = $1', [id])).rows[0];
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    error => error,
  );

describe('an update with a version', () => {
  test('writes, increments the version, sets the time, and returns the row', async () => {
    const id = await newLimit();
    const row = await updateWithVersion(pool, {
      table: 'desk.limits',
      id,
      version: 1,
      set: {most: '99999999999.9999', about: {why: "it's :id $1"}},
    });
    expect(row).toMatchObject({version: 2, most: '99999999999.9999', about: {why: "it's :id $1"}, name: 'n'});
    expect(row.updated_at).toBeInstanceOf(Date);
    expect(await limit(id)).toEqual(row);
  });

  test('of an older version writes nothing and throws the present row', async () => {
    const id = await newLimit();
    const row = await updateWithVersion(pool, {table: 'desk.limits', id, version: 1, set: {most: '5'}});
    const error = await caught(updateWithVersion(pool, {table: 'desk.limits', id, version: 1, set: {most: '7'}}));
    expect(error).toBeInstanceOf(OptimisticLockError);
    expect(error).toMatchObject({table: 'desk.limits', id, version: 1, now: row});
    expect((error as Error).message).toBe(
      `desk.limits ${id} was changed meanwhile: read at version 1, now at version 2`,
    );
    expect(await limit(id)).toEqual(row);
  });

  test('of a deleted row throws an error that says so', async () => {
    const error = await caught(updateWithVersion(pool, {table: 'desk.limits', id: -1, version: 3, set: {most: '7'}}));
    expect(error).toMatchObject({
      now: undefined,
      message: 'desk.limits -1 does not exist any more: it was read at version 3',
    });
  });

  test('that waited for another editor’s commit gets the committed row, and the transaction stays usable', async () => {
    const id = await newLimit();
    const [one, two] = [await pool.connect(), await pool.connect()];
    try {
      await one.query('BEGIN');
      await two.query('BEGIN');
      const first = await updateWithVersion(one, {table: 'desk.limits', id, version: 1, set: {most: '2'}});
      const second = caught(updateWithVersion(two, {table: 'desk.limits', id, version: 1, set: {most: '3'}}));
      await one.query('COMMIT');
      expect(await second).toMatchObject({name: 'OptimisticLockError', now: first});
      const now = await updateWithVersion(two, {table: 'desk.limits', id, version: 2, set: {most: '3'}});
      await two.query('COMMIT');
      expect(await limit(id)).toEqual(now);
    } finally {
      one.release();
      two.release();
    }
  });

  test('lets the database’s own errors through', async () => {
    const id = await newLimit();
    const error = await caught(updateWithVersion(pool, {table: 'desk.limits', id, version: 1, set: {most: '-1'}}));
    expect(error).toMatchObject({code: '23514', constraint: 'positive_most'});
    expect(await limit(id)).toMatchObject({version: 1, most: '1.0000'});
  });

  test.each([
    [{}, 'nothing to set'],
    [{most: undefined}, 'most is undefined'],
    [{most: '1', version: 9}, 'must not set version'],
    [{updated_at: 'now'}, 'must not set updated_at'],
    [{id: 4}, 'must not set id'],
  ])('refuses to set %j', async (set, why) => {
    await expect(updateWithVersion(pool, {table: 'desk.limits', id: 1, version: 1, set})).rejects.toThrow(why);
  });

  test('quotes every name and takes any text as a value', async () => {
    const text = fc.string({unit: 'binary'}).filter(s => !s.includes('\0') && s.isWellFormed());
    let version = 1;
    await pool.query(`INSERT INTO desk."odd. ""name""" VALUES ('k')`);
    await fc.assert(
      fc.asyncProperty(text, async value => {
        const row = await updateWithVersion(pool, {
          table: 'desk.odd. "name"',
          id: 'k',
          idColumn: 'the key',
          version: version++,
          set: {[ODD]: value},
          touched: null,
        });
        expect(row).toEqual({'the key': 'k', [ODD]: value, version});
      }),
      {numRuns: 50},
    );
  });
});

describe('many writers', () => {
  // Each step: writer w reads the row, or writes what it read plus one. In any order the row is as if the successful writes
  // had run one after the other, and a write succeeds exactly when nobody has written since it read.
  test('in any order of reads and writes, a write succeeds only on the version that was read', async () => {
    const step = fc.record({writer: fc.nat(3), act: fc.constantFrom('read' as const, 'write' as const)});
    await fc.assert(
      fc.asyncProperty(fc.array(step, {maxLength: 25}), async steps => {
        const id = await newLimit('1000');
        const held: (VersionedRow | undefined)[] = [];
        let successes = 0;
        for (const {writer, act} of steps) {
          const read = held[writer];
          if (act === 'read' || read === undefined) {
            held[writer] = await limit(id);
            continue;
          }
          const next = String(Number(read.most) + 1);
          const update = {table: 'desk.limits', id, version: read.version as number, set: {most: next}};
          const outcome = await updateWithVersion(pool, update).catch((e: unknown) => e);
          if (read.version === successes + 1) {
            successes += 1;
            held[writer] = outcome as VersionedRow;
          } else {
            expect(outcome).toBeInstanceOf(OptimisticLockError);
            held[writer] = (outcome as OptimisticLockError).now;
          }
          expect(await limit(id)).toMatchObject({version: successes + 1, most: `${1000 + successes}.0000`});
        }
      }),
      {numRuns: 40},
    );
  });

  test('8 at the same time lose none of 1,000 updates', async () => {
    const id = await newLimit();
    let refused = 0;
    const writer = async (): Promise<void> => {
      let row = await limit(id);
      for (let written = 0; written < 125; ) {
        try {
          row = await updateWithVersion(pool, {
            table: 'desk.limits',
            id,
            version: row.version as number,
            set: {most: String(Number(row.most) + 1)},
          });
          written += 1;
        } catch (error) {
          if (!(error instanceof OptimisticLockError) || error.now === undefined) throw error;
          refused += 1;
          row = error.now;
        }
      }
    };
    await Promise.all(Array.from({length: 8}, writer));
    expect(await limit(id)).toMatchObject({most: '1001.0000', version: 1001});
    expect(refused).toBeGreaterThan(0);
  });
});
