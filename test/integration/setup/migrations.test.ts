import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import pg from 'pg';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {loadSql, type SqlLibrary} from '../../../src/io/sql.ts';
import {migrate, readMigrations} from '../../../src/setup/migrate.ts';
import {type StepReport, setUp} from '../../../src/setup/setup.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {psqlFile, psqlVersion} from '../../helpers/servers/client-tools.ts';
import {type Database, freshDatabase} from '../../helpers/servers/servers.ts';

const thisRelease = loadSql();
const LAST = readMigrations(thisRelease.dir).length;
/** Numbers of the next three migrations. */
const [N1, N2, N3] = [LAST + 1, LAST + 2, LAST + 3].map(n => String(n).padStart(4, '0'));
const made: string[] = [];
afterAll(() => made.forEach(dir => void rmSync(dir, {recursive: true})));

/** A later release: its migrations, and their effect on the script that creates a fresh database. */
function release(migrations: Readonly<Record<string, string>>, edit: (script: string) => string = s => s): SqlLibrary {
  const dir = mkdtempSync(join(tmpdir(), 'tradetop-release-'));
  made.push(dir);
  cpSync(thisRelease.dir, dir, {recursive: true});
  for (const [name, text] of Object.entries(migrations)) writeFileSync(join(dir, 'migrations', `${name}.sql`), text);
  const script = join(dir, '02_create_core_tables.sql');
  const known = readMigrations(dir).map(m => `    (${m.version}, '${m.name}', '${m.checksum}')`);
  const text = edit(readFileSync(script, 'utf8'));
  writeFileSync(
    script,
    text.replace(/(AS \$\$ VALUES\n)[^$]+/, (_, head: string) => `${head}${known.join(',\n')}\n`),
  );
  return loadSql(dir);
}

/** The script as a client other than psql may run it. */
const withoutPsql = ({dir}: SqlLibrary): string =>
  readFileSync(join(dir, '02_create_core_tables.sql'), 'utf8').replaceAll(/^\\.*$/gm, '');

const NEXT = {
  [`${N1}_desk_session`]: `ALTER TABLE execution.orders RENAME COLUMN session_id TO desk_session;
DO $$
BEGIN
    UPDATE execution.orders SET desk_session = 'none' WHERE desk_session IS NULL;
END $$;
ALTER TABLE execution.orders ALTER COLUMN desk_session SET DEFAULT 'none';`,
  [`${N2}_long_messages`]: `ALTER TABLE logging.system_logs ALTER COLUMN correlation_id TYPE VARCHAR(200);
ALTER TABLE strategy_engine.strategy_signals DROP COLUMN details;`,
};
const nextScript = (script: string): string =>
  script
    .replace('    session_id VARCHAR(100),', "    desk_session VARCHAR(100) DEFAULT 'none',")
    .replace(/(system_logs', 'Log lines[\s\S]*?)correlation_id VARCHAR\(100\)/, '$1correlation_id VARCHAR(200)')
    .replace(/(strategy_signals'[\s\S]*?) {4}details JSONB,[^\n]*\n/, '$1')
    .replace(/( {4}source VARCHAR\(100\), -- feed or vendor[^\n]*\n)/, '$1    vendor_code TEXT,\n');

let db: Database;
let client: pg.Client;
const freshDesk = async (): Promise<() => Promise<void>> => {
  db = await cloneDesk();
  client = new pg.Client(db.config);
  await client.connect();
  return async () => {
    await client.end();
    await db.drop();
  };
};
const upgrade = (sql: SqlLibrary, database = db, dryRun = false): Promise<readonly StepReport[]> =>
  setUp({
    trading: targetOf(database),
    prefect: {database: 'prefect', owner: 'prefect'},
    sql,
    only: ['databases', 'roles', 'tables', 'indexes'],
    dryRun,
  });
const inventory = async (c = client): Promise<readonly unknown[]> =>
  (await c.query('SELECT * FROM shared.inventory() ORDER BY 1, 2, 3, 4')).rows;
const record = async (c = client): Promise<readonly unknown[]> =>
  (await c.query('SELECT version, name, checksum FROM shared.schema_migrations ORDER BY version')).rows;

/** Inserts rows into several tables, so that an upgrade could lose some. */
async function fill(): Promise<void> {
  await client.query(`
    INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, session_id)
      SELECT 'o' || n, 'A-' || n % 3, 'AAPL', 'buy', 'market', n, CASE WHEN n % 2 = 0 THEN 's' || n END FROM generate_series(1, 50) AS n;
    INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
      SELECT 't' || n, 'o' || n, 'A-' || n % 3, 'AAPL', n, 1.0001, now() FROM generate_series(1, 50) AS n;
    INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
      SELECT 'AAPL', date_trunc('day', now()) + n * interval '1 minute', 1, 2, 0.5, 1.5, n FROM generate_series(1, 50) AS n;
    INSERT INTO logging.system_logs (service, message, correlation_id) VALUES ('svc', 'hello', repeat('c', 100));
    INSERT INTO shared.audit_log (user_id, operation) VALUES ('u', 'o');`);
}

describe('a database of an older release', () => {
  beforeEach(freshDesk);
  let next: SqlLibrary;
  beforeAll(() => {
    next = release(NEXT, nextScript);
  });

  test('becomes equal to a fresh set-up, and keeps its data', async () => {
    await fill();
    const rows = async (columns: string): Promise<unknown> =>
      (await client.query(`SELECT ${columns} FROM execution.orders ORDER BY id`)).rows;
    const before = await rows("id, order_id, quantity, COALESCE(session_id, 'none') AS session");
    const reports = await upgrade(next);
    expect(reports.find(r => r.step === 'migrations')?.did).toEqual([
      {what: 'migration', object: `${N1}_desk_session`, result: 'applied'},
      {what: 'migration', object: `${N2}_long_messages`, result: 'applied'},
    ]);
    expect(await rows('id, order_id, quantity, desk_session AS session')).toEqual(before);
    const counts = await client.query(`SELECT (SELECT count(*) FROM execution.trades) AS trades,
      (SELECT count(*) FROM data_ingestion.market_data) AS bars, (SELECT count(*) FROM logging.system_logs) AS lines,
      (SELECT count(*) FROM shared.audit_log) AS audits`);
    expect(counts.rows).toEqual([{trades: '50', bars: '50', lines: '1', audits: '1'}]);

    const empty = await freshDatabase();
    await upgrade(next, empty);
    const fresh = new pg.Client(empty.config);
    await fresh.connect();
    expect(await inventory()).toEqual(await inventory(fresh));
    expect((await fresh.query('SELECT version FROM shared.schema_migrations')).rowCount).toBe(LAST + 2);
    await fresh.end();
    await empty.drop();

    const again = await upgrade(next);
    expect(again.flatMap(r => r.did).filter(d => d.result !== 'already there')).toEqual([]);
  });

  test('is upgraded once by 20 at the same time', async () => {
    await fill();
    const clients = Array.from({length: 20}, () => new pg.Client(db.config));
    await Promise.all(clients.map(c => c.connect()));
    const all = await Promise.all(clients.map(c => migrate(c, next)));
    await Promise.all(clients.map(c => c.end()));
    expect(all.flat().map(d => `${d.object} ${d.result}`)).toEqual([
      `${N1}_desk_session applied`,
      `${N2}_long_messages applied`,
    ]);
    expect(all.filter(did => did.length > 0).length).toBe(1);
    expect((await record()).length).toBe(LAST + 2);
  });

  test('is not changed by a dry run, which reports what it lacks', async () => {
    const before = [await inventory(), await record()];
    const reports = await upgrade(next, db, true);
    expect(reports.find(r => r.step === 'migrations')?.did).toEqual([
      {what: 'migration', object: `${N1}_desk_session`, result: 'would be applied'},
      {what: 'migration', object: `${N2}_long_messages`, result: 'would be applied'},
    ]);
    expect([await inventory(), await record()]).toEqual(before);
  });

  test('is left unchanged when a later migration fails, with the rows that earlier ones changed', async () => {
    await fill();
    const before = [
      await inventory(),
      await record(),
      (await client.query('SELECT * FROM execution.orders ORDER BY id')).rows,
    ];
    const broken = release(
      {...NEXT, [`${N3}_broken`]: 'SELECT 1;\nALTER TABLE execution.orders\n  DROP COLUMN nowhere;'},
      nextScript,
    );
    await expect(upgrade(broken)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: `Migration ${N3}_broken: column "nowhere" of relation "orders" does not exist.`,
    });
    const after = [
      await inventory(),
      await record(),
      (await client.query('SELECT * FROM execution.orders ORDER BY id')).rows,
    ];
    expect(after).toEqual(before);
    await upgrade(next);
    expect((await record()).length).toBe(LAST + 2);
  });

  test('is refused by the script without its migrations, which would create a second column beside the one to rename', async () => {
    const before = await inventory();
    await expect(client.query(withoutPsql(next))).rejects.toMatchObject({
      message: `database "${db.name}" is of an older tradetop: it lacks migration ${N1}_desk_session`,
      hint: expect.stringContaining('tradetop setup'),
    });
    await client.query('ROLLBACK');
    expect(await inventory()).toEqual(before);
  });
});

describe.skipIf(psqlVersion() === 0)('by psql, a database of an older release', () => {
  beforeEach(freshDesk);
  let next: SqlLibrary;
  beforeAll(() => {
    next = release(NEXT, nextScript);
  });
  const step2 = (sql: SqlLibrary, database = db): Promise<string> =>
    psqlFile(database, join(sql.dir, '02_create_core_tables.sql'));
  const step3 = (sql: SqlLibrary, database = db): Promise<string> =>
    psqlFile(database, join(sql.dir, '03_create_indexes.sql'));

  test('becomes equal to one that setup upgrades or creates, keeps its data, and is not changed by a second run', async () => {
    await fill();
    const kept = (
      await client.query(`SELECT id, order_id, COALESCE(session_id, 'none') AS s FROM execution.orders ORDER BY id`)
    ).rows;
    const said = await step2(next);
    expect(said.match(/migration \| \w+ +\| applied/g)).toEqual([
      `migration | ${N1}_desk_session | applied`,
      `migration | ${N2}_long_messages | applied`,
    ]);
    await step3(next);
    expect(
      (await client.query('SELECT id, order_id, desk_session AS s FROM execution.orders ORDER BY id')).rows,
    ).toEqual(kept);

    const byPsql = {inventory: await inventory(), record: await record()};
    const [other, empty] = await Promise.all([cloneDesk(), freshDatabase()]);
    for (const database of [other, empty]) {
      await upgrade(next, database);
      const there = new pg.Client(database.config);
      await there.connect();
      expect({inventory: await inventory(there), record: await record(there)}).toEqual(byPsql);
      await there.end();
      await database.drop();
    }

    const rows =
      'SELECT (SELECT json_agg(o ORDER BY id) FROM execution.orders AS o) AS orders, (SELECT json_agg(m) FROM shared.schema_migrations AS m) AS record';
    const before = [await inventory(), (await client.query(rows)).rows];
    const changed = (await step2(next))
      .split('\n')
      .filter(l => l.includes(' | ') && !/(?:already there|result) *$/.test(l));
    expect(changed).toEqual([]);
    expect([await inventory(), (await client.query(rows)).rows]).toEqual(before);
    // The rights to connect to this database are set by step 1, which psql has not run here.
    const again = (await upgrade(next)).filter(r => r.step !== '01_create_databases.sql').flatMap(r => r.did);
    expect(again.filter(d => d.result !== 'already there')).toEqual([]);
  });

  test('is upgraded once by psql and setup at the same time', async () => {
    await fill();
    const said = await Promise.all([step2(next), step2(next), upgrade(next), step2(next), upgrade(next)]);
    const applied = said
      .map(s => (typeof s === 'string' ? s : JSON.stringify(s)))
      .map(s => s.match(/\bapplied\b/g)?.length ?? 0);
    expect(applied.toSorted()).toEqual([0, 0, 0, 0, 2]);
    expect((await record()).length).toBe(LAST + 2);
  });

  test('is left unchanged when a later migration fails, and psql ends with its error', async () => {
    await fill();
    const state = async (): Promise<unknown> => [
      await inventory(),
      await record(),
      (await client.query('SELECT * FROM execution.orders ORDER BY id')).rows,
    ];
    const before = await state();
    const broken = release(
      {...NEXT, [`${N3}_broken`]: 'SELECT 1;\nALTER TABLE execution.orders\n  DROP COLUMN nowhere;'},
      nextScript,
    );
    await expect(step2(broken)).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        new RegExp(`${N3}_broken\\.sql:3: ERROR: {2}column "nowhere" of relation "orders" does not exist`),
      ),
    });
    expect(await state()).toEqual(before);
    await step2(next);
    expect((await record()).length).toBe(LAST + 2);
  });

  test('waits for a lock for some seconds only, by psql and by setup, so that nobody queues behind it', async () => {
    const before = [await inventory(), await record()];
    await client.query('BEGIN; LOCK TABLE execution.orders IN ACCESS SHARE MODE');
    await expect(step2(next)).rejects.toMatchObject({code: 3, stderr: expect.stringMatching(/lock timeout/)});
    await expect(upgrade(next)).rejects.toMatchObject({
      name: 'UserError',
      message: `Migration ${N1}_desk_session: canceling statement due to lock timeout.`,
      next: expect.stringMatching(/Another session holds a lock/),
    });
    await client.query('COMMIT');
    expect([await inventory(), await record()]).toEqual(before);
  });

  test('is refused if its migration record is not the beginning of ours', async () => {
    await step2(next);
    const refused = async (sql: SqlLibrary, why: RegExp): Promise<void> => {
      const before = [await inventory(), await record()];
      await expect(step2(sql)).rejects.toMatchObject({code: 3, stderr: expect.stringMatching(why)});
      expect([await inventory(), await record()]).toEqual(before);
    };
    await refused(
      thisRelease,
      new RegExp(`is of a newer tradetop: it has migration ${N2}_long_messages\nHINT: {2}Update tradetop\\.`),
    );
    const changed = release({...NEXT, [`${N1}_desk_session`]: `${NEXT[`${N1}_desk_session`]} -- changed`}, nextScript);
    await refused(changed, new RegExp(`migration ${N1}_desk_session is not the one that was applied to database`));
    await client.query(`DELETE FROM shared.schema_migrations WHERE version = ${LAST + 1}`);
    await refused(next, new RegExp(`has no migration ${N1}_desk_session, but later ones`));
  });
});

describe('refused, and left unchanged, is a database', () => {
  beforeEach(freshDesk);
  test('of a newer release, by the program and by the script', async () => {
    const next = release(NEXT, nextScript);
    await upgrade(next);
    const before = [await inventory(), await record()];
    await expect(upgrade(thisRelease)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: expect.stringMatching(
        new RegExp(
          `^This database belongs to a newer tradetop: it has migration ${N2}_long_messages of .*Z?; the last one here is `,
        ),
      ),
    });
    await expect(client.query(withoutPsql(thisRelease))).rejects.toMatchObject({hint: 'Update tradetop.'});
    await client.query('ROLLBACK');
    expect([await inventory(), await record()]).toEqual(before);
  });

  test('that was migrated with another text of the same migration', async () => {
    await upgrade(release(NEXT, nextScript));
    const other = release({...NEXT, [`${N1}_desk_session`]: `${NEXT[`${N1}_desk_session`]} -- changed`}, nextScript);
    const before = await record();
    await expect(upgrade(other)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        new RegExp(`^Migration ${N1}_desk_session differs from the one that was applied on `),
      ),
    });
    expect(await record()).toEqual(before);
  });

  test('whose migration record has a gap', async () => {
    const next = release(NEXT, nextScript);
    await upgrade(next);
    await client.query(`DELETE FROM shared.schema_migrations WHERE version = ${LAST + 1}`);
    await expect(upgrade(next)).rejects.toThrow(`lacks number ${LAST + 1}, but has ${N2}_long_messages`);
  });
});

describe('the files', () => {
  test('of this release are those that its script lists', () => {
    const script = readFileSync(join(thisRelease.dir, '02_create_core_tables.sql'), 'utf8');
    const listed = /AS \$\$ VALUES\n([^$]+)/.exec(script)?.[1] ?? '';
    expect([...listed.matchAll(/\((\d+), '(\w+)', '(\w+)'\)/g)].map(m => [Number(m[1]), m[2], m[3]])).toEqual(
      readMigrations(thisRelease.dir).map(m => [m.version, m.name, m.checksum]),
    );
  });

  test.each([
    [{[`${N2}_gap`]: 'SELECT 1;'}, `the next migration must be number ${LAST + 1}`],
    [{[`${N1}_a`]: '', [`${N1}_b`]: ''}, `the next migration must be number ${LAST + 2}`],
    [{'2_short': ''}, 'the next migration must be number'],
    [{[`${N1}_ends`]: 'SELECT 1;\ncommit;'}, 'a migration must not contain commit;'],
    [{[`${N1}_psql`]: '\\echo hello'}, 'a migration must not contain \\'],
  ])('%j are refused', (files, why) => {
    expect(() => release(files)).toThrow(why);
  });

  test('count as the same with the line endings of another system', () => {
    const [ours, theirs] = ['SELECT 1;\nSELECT 2;\n', 'SELECT 1;\r\nSELECT 2;\r\n'].map(text =>
      readMigrations(release({[`${N1}_a`]: text}).dir).map(m => m.checksum),
    );
    expect(ours).toEqual(theirs);
  });
});
