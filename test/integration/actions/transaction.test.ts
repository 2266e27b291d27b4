import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {RolledBackError, runTransaction, UnknownOutcomeError, withTransaction} from '../../../src/io/transaction.ts';
import {startProxy} from '../../helpers/servers/proxy.ts';
import {type Database, freshDatabase, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

let database: Database;
let pool: pg.Pool;
const pools: pg.Pool[] = [];

function open(config: pg.PoolConfig): pg.Pool {
  const made = new pg.Pool({...config, max: 3});
  made.on('error', () => {});
  pools.push(made);
  return made;
}

const rows = async (): Promise<readonly number[]> =>
  (await pool.query('SELECT n FROM t ORDER BY n')).rows.map(row => row.n as number);
const free = (made: pg.Pool) => made.totalCount - made.idleCount === 0;

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await runSql(database.config, 'DROP TABLE IF EXISTS t; CREATE TABLE t (n int PRIMARY KEY, v int NOT NULL DEFAULT 0)');
  pool = open(database.config);
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map(made => made.end()));
});
afterAll(() => database.drop());

describe('withTransaction', () => {
  it('commits when the function resolves, and returns its result', async () => {
    const result = await withTransaction(pool, {}, async tx => {
      await tx.query('INSERT INTO t VALUES (1), (2)');
      return 'done';
    });
    expect([result, await rows(), free(pool)]).toEqual(['done', [1, 2], true]);
  });

  it('rolls back when the function throws, and the client can be used again', async () => {
    const one = open(database.config);
    const failing = withTransaction(one, {}, async tx => {
      await tx.query('INSERT INTO t VALUES (1)');
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    expect(await rows()).toEqual([]);
    const pid = async () => (await one.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    expect([free(one), one.totalCount, typeof (await pid())]).toEqual([true, 1, 'number']);
  });

  it.each(['read committed', 'repeatable read', 'serializable'] as const)(
    'uses the requested isolation level: %s',
    async isolation => {
      const level = await withTransaction(pool, {isolation, readOnly: true}, async tx => [
        (await tx.query('SHOW transaction_isolation')).rows[0].transaction_isolation,
        (await tx.query('SHOW transaction_read_only')).rows[0].transaction_read_only,
      ]);
      expect(level).toEqual([isolation, 'on']);
    },
  );

  it('refuses writes when it is read-only', async () => {
    const writing = withTransaction(pool, {readOnly: true}, tx => tx.query('INSERT INTO t VALUES (1)'));
    await expect(writing).rejects.toMatchObject({code: '25006'});
    await withTransaction(pool, {}, tx => tx.query('INSERT INTO t VALUES (1)'));
    expect(await rows()).toEqual([1]);
  });

  it('retries serialization failures until all succeed', async () => {
    await pool.query('INSERT INTO t VALUES (1, 0), (2, 0)');
    const retried: number[] = [];
    // Nobody writes before all three have read, so that two of them must fail.
    let read = 0;
    const allRead = Promise.withResolvers<void>();
    const add = () =>
      withTransaction(pool, {isolation: 'serializable', attempts: 20, onRetry: (_, n) => retried.push(n)}, async tx => {
        const {rows} = await tx.query('SELECT sum(v)::int AS sum FROM t');
        read += 1;
        if (read === 3) allRead.resolve();
        await allRead.promise;
        await tx.query('UPDATE t SET v = $1 WHERE n = 1', [rows[0].sum + 1]);
      });
    await Promise.all([add(), add(), add()]);
    expect((await pool.query('SELECT v FROM t WHERE n = 1')).rows[0].v).toBe(3);
    expect(retried.length).toBeGreaterThan(0);
  });

  it('resolves a deadlock of two', async () => {
    await pool.query('INSERT INTO t VALUES (1, 0), (2, 0)');
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const cross = (first: number, second: number) =>
      withTransaction(pool, {}, async tx => {
        await tx.query('UPDATE t SET v = v + 1 WHERE n = $1', [first]);
        both[first - 1]?.resolve();
        await both[second - 1]?.promise;
        await tx.query('UPDATE t SET v = v + 1 WHERE n = $1', [second]);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect((await pool.query('SELECT v FROM t ORDER BY n')).rows).toEqual([{v: 2}, {v: 2}]);
  });

  it('fails after the last attempt with the server’s error', async () => {
    let tries = 0;
    const hopeless = withTransaction(pool, {attempts: 3}, async tx => {
      tries++;
      await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$`);
    });
    await expect(hopeless).rejects.toMatchObject({code: '40001'});
    expect([tries, free(pool)]).toEqual([3, true]);
  });

  it('does not retry other errors', async () => {
    let tries = 0;
    const wrong = withTransaction(pool, {}, async tx => {
      tries++;
      await tx.query('INSERT INTO t VALUES (1), (1)');
    });
    await expect(wrong).rejects.toMatchObject({code: '23505'});
    expect(tries).toBe(1);
  });

  it('reports a COMMIT that the server answered with ROLLBACK', async () => {
    const swallowing = withTransaction(pool, {}, async tx => {
      await tx.query('INSERT INTO t VALUES (1)');
      await tx.query('INSERT INTO t VALUES (1)').catch(() => {});
    });
    await expect(swallowing).rejects.toThrow(RolledBackError);
    expect([await rows(), free(pool)]).toEqual([[], true]);
  });

  it('rolls back only the statements of a savepoint', async () => {
    await withTransaction(pool, {}, async tx => {
      await tx.query('INSERT INTO t VALUES (1)');
      await tx
        .savepoint(async () => {
          await tx.query('INSERT INTO t VALUES (2)');
          await tx.savepoint(() => tx.query('INSERT INTO t VALUES (3)'));
          await tx.query('INSERT INTO t VALUES (1)');
        })
        .catch(error => expect(error.code).toBe('23505'));
      await tx.savepoint(() => tx.query('INSERT INTO t VALUES (4)'));
    });
    expect(await rows()).toEqual([1, 4]);
  });

  it('survives a backend that is killed while idle, and discards the connection', async () => {
    const killed = withTransaction(pool, {}, async tx => {
      const {rows} = await tx.query('SELECT pg_backend_pid() AS pid');
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
      await waitFor('the client to notice', () =>
        tx.query('SELECT 1').then(
          () => false,
          () => true,
        ),
      );
      await tx.query('INSERT INTO t VALUES (1)');
    });
    await expect(killed).rejects.toThrow();
    await waitFor('the client to be gone', () => free(pool));
    expect(await rows()).toEqual([]);
  });

  it('reports an unknown outcome when the connection breaks during COMMIT', async () => {
    const {host, port} = database.config;
    const proxy = await startProxy({host, port});
    const through = open({...database.config, host: proxy.host, port: proxy.port});
    let tries = 0;
    const unknown = withTransaction(through, {}, async tx => {
      tries++;
      await tx.query('INSERT INTO t VALUES (1)');
      // The COMMIT is not delivered; then the connection breaks.
      await proxy.set('blackhole');
      setTimeout(() => void proxy.set('reset'), 100);
    });
    await expect(unknown).rejects.toThrow(UnknownOutcomeError);
    expect([tries, free(through)]).toEqual([1, true]);
    await proxy.close();
  });

  it('gives the driver’s own error for a lost COMMIT that can be repeated, within its limit', async () => {
    const {host, port} = database.config;
    const proxy = await startProxy({host, port});
    const through = open({...database.config, host: proxy.host, port: proxy.port});
    const lost = withTransaction(through, {idempotent: true, answerMs: 300}, async tx => {
      await tx.query('INSERT INTO t VALUES (1)');
      await proxy.set('blackhole');
    });
    await expect(lost).rejects.toThrow('Query read timeout');
    expect([free(through), through.totalCount]).toEqual([true, 0]);
    await proxy.close();
  });

  it('writes nothing where it must not commit, and gives its result', async () => {
    const result = await withTransaction(pool, {commit: false}, async tx => {
      await tx.query('INSERT INTO t VALUES (1)');
      return (await tx.query('SELECT n FROM t')).rows;
    });
    expect([result, await rows(), free(pool)]).toEqual([[{n: 1}], [], true]);
  });

  it('throws a connection away whose server takes no writes', async () => {
    await runSql(database.config, `ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
    try {
      const standby = open(database.config);
      const writing = withTransaction(standby, {}, tx => tx.query('INSERT INTO t VALUES (1)'));
      await expect(writing).rejects.toMatchObject({code: '25006'});
      expect(standby.totalCount).toBe(0);
    } finally {
      await runSql(
        {...database.config, options: '-c default_transaction_read_only=off'},
        `ALTER DATABASE ${database.name} RESET default_transaction_read_only`,
      );
    }
  });
});

describe('runTransaction', () => {
  it('commits or rolls back on a client that is connected, and leaves it open', async () => {
    const client = new pg.Client(database.config);
    await client.connect();
    try {
      await runTransaction(client, {}, tx => tx.query('INSERT INTO t VALUES (1)'));
      const failing = runTransaction(client, {}, async () => {
        await client.query('INSERT INTO t VALUES (2)');
        throw new Error('mine');
      });
      await expect(failing).rejects.toThrow('mine');
      expect([client.getTransactionStatus(), await rows()]).toEqual(['I', [1]]);
    } finally {
      await client.end();
    }
  });
});
