import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import pg from 'pg';
import {describe, expect, test} from 'vitest';
import {secret} from '../../../src/core/secret.ts';
import {examinePostgres} from '../../../src/doctor/postgres.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {asUser} from '../../../src/io/targets.ts';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import {NO_REDIS, type SlotRig, slotRigEachTest} from '../../helpers/desk/slot-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const PASSWORD = 'a password for the tests';

type Ended = {readonly code: number; readonly text: string};

/** Runs the program to its end. */
const run = ({target}: SlotRig, args: readonly string[], user: string = target.user): Promise<Ended> =>
  promisify(execFile)(process.execPath, [CLI, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      POSTGRES_HOST: target.host,
      POSTGRES_PORT: String(target.port),
      TRADING_DB_NAME: target.database,
      TRADING_DB_USER: user,
      TRADING_DB_PASSWORD: user === target.user ? target.password() : PASSWORD,
      PGSSLMODE: 'disable',
      REDIS_URL: NO_REDIS,
    },
  }).then(
    ({stdout, stderr}) => ({code: 0, text: stdout + stderr}),
    (error: {code: number; stdout: string; stderr: string}) => ({code: error.code, text: error.stdout + error.stderr}),
  );

const findingsOf = async ({target}: SlotRig) => {
  const {findings} = await examinePostgres(target, loadSql(), 'always');
  return new Map(findings.filter(({id}) => id.startsWith('slot')).map(one => [one.id, one]));
};

describe('a server with wal_level = replica', () => {
  const rig = slotRigEachTest({wal_level: 'replica'});

  test('is told in a sentence, by sync and by doctor', async () => {
    const {code, text} = await run(rig, ['sync', '--source', 'slot']);
    expect(code).toBe(2);
    expect(text).toContain('wal_level is replica');
    expect(text).toContain('ALTER SYSTEM SET wal_level = logical');
    expect((await findingsOf(rig)).get('slot_wal_level')).toMatchObject({status: 'missing'});
    // The bus, which is the default, does not need it.
    const {findings} = await examinePostgres(rig.target, loadSql());
    expect(findings.filter(({id}) => id.startsWith('slot'))).toEqual([]);
  });

  test('is waited for by a worker that runs already', async () => {
    const trades = deskTrades(50);
    const service = rig.start();
    await waitFor('it to be told', () => /wal_level is replica/.test(service.trouble() ?? ''), SYNC_MS);
    await rig.pool.query('ALTER SYSTEM SET wal_level = logical');
    await rig.server.restart();
    await bookTrades(rig.pool, trades);
    await rig.reading(service);
    await rig.synced(trades);
  });
});

describe('a role', () => {
  const rig = slotRigEachTest();
  const login = () => rig.pool.query(`ALTER ROLE tradetop_sync PASSWORD ${pg.escapeLiteral(PASSWORD)}`);

  test('without REPLICATION is told, and may read the WAL with it', async () => {
    await login();
    const {code, text} = await run(rig, ['sync', '--source', 'slot'], 'tradetop_sync');
    expect(code).toBe(2);
    expect(text).toContain('Role tradetop_sync may not read the WAL.');
    const trades = deskTrades(50);
    await rig.pool.query('ALTER ROLE tradetop_sync REPLICATION');
    rig.cleanups.push(() => rig.pool.query('ALTER ROLE tradetop_sync NOREPLICATION'));
    const service = rig.start({trading: asUser(rig.target, 'tradetop_sync', secret(PASSWORD))});
    await rig.reading(service);
    await bookTrades(rig.pool, trades);
    await rig.synced(trades);
    expect((await findingsOf(rig)).get('slot')).toMatchObject({status: 'ok'});
    const {rows} = await rig.pool.query(`SELECT string_agg(rolname, ' ') AS names FROM pg_roles
      WHERE rolreplication AND rolname ~ '^(tradetop|svc|trading)'`);
    expect(rows[0].names).toBe('tradetop_sync');
  });
});

describe('what a slot needs', () => {
  const rig = slotRigEachTest({max_replication_slots: '2'});

  test('is there, but for a limit of the WAL', async () => {
    const found = await findingsOf(rig);
    expect([...found.values()].filter(({status}) => status !== 'ok').map(({id}) => id)).toEqual(['slot_bound']);
    expect(found.get('slot_bound')?.remedy).toContain('max_slot_wal_keep_size');
  });

  test('lacks a table, and free slots', async () => {
    await rig.pool.query('ALTER PUBLICATION tradetop DROP TABLE execution.orders');
    for (const name of ['a', 'b']) await rig.pool.query('SELECT pg_create_physical_replication_slot($1)', [name]);
    const found = await findingsOf(rig);
    expect(found.get('slot_publication')?.text).toContain('lacks execution.orders');
    expect(found.get('slot_free')).toMatchObject({status: 'missing'});
    const {code, text} = await run(rig, ['sync', '--source', 'slot']);
    expect([code, text.includes('lacks execution.orders')]).toEqual([2, true]);
    await rig.pool.query('ALTER PUBLICATION tradetop ADD TABLE execution.orders');
    expect((await run(rig, ['sync', '--source', 'slot'])).text).toContain('No replication slot is free');
  });

  test('a slot that nobody reads is a warning, and what it keeps is said', async () => {
    const service = rig.start();
    await rig.reading(service);
    expect((await findingsOf(rig)).get('slot')?.status).toBe('ok');
    await service.stop();
    expect((await findingsOf(rig)).get('slot')).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('nobody'),
    });
  });

  test.each([
    [['sync', '--source', 'wal'], 'There is no source wal'],
    [['sync', '--source', 'slot', '--mode', 'streams'], '--mode is of the bus'],
    [['doctor', '--source', 'wal'], 'There is no source wal'],
  ])('%s is refused', async (args, words) => {
    const {code, text} = await run(rig, args);
    expect([code, text.includes(words)]).toEqual([2, true]);
  });
});
