import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {inspect} from 'node:util';
import fc from 'fast-check';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {
  listSecrets,
  newSecretKey,
  openSecrets,
  rotateSecrets,
  secretKey,
  storeSecret,
} from '../../../src/io/secrets.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {ownPostgres} from '../../helpers/servers/servers.ts';

const KEY = secretKey('a-key-for-tests-0123456789-abcdefghij');
const OTHER = secretKey('another-key-for-tests-0123456789-abcd');
const TEXT = 'https://hooks.example.com/T0/B0/clear-as-day-token';

/** A server with the trading database that logs and counts everything it can. */
let server: PostgresServer;
let client: pg.Client;

beforeAll(async () => {
  server = await ownPostgres({
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      log_statement: 'all',
      log_min_duration_statement: '0',
      log_parameter_max_length: '-1',
      log_parameter_max_length_on_error: '-1',
      log_error_verbosity: 'verbose',
    },
  });
  const {host, port, user, password} = server;
  await setUp({
    trading: targetOf({...server, database: 'trading_system'}),
    prefect: {database: 'prefect', owner: 'prefect'},
    sql: loadSql(),
    only: ['databases', 'roles', 'tables', 'indexes'],
  });
  client = new pg.Client({host, port, user, password, database: 'trading_system', ssl: false});
  client.on('error', () => {});
  await client.connect();
  for (const name of ['desk', 'risk', 'mail']) {
    await client.query("INSERT INTO notification.notification_configs (name, channel) VALUES ($1, 'slack')", [name]);
  }
  await client.query('SET ROLE svc_notification');
}, 60_000);
afterAll(async () => {
  await client.end();
  await server.stop();
});

async function inTransaction<T>(work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
const store = (name: string, text: string, key = KEY): Promise<number> =>
  inTransaction(async () => {
    const [holder] = await listSecrets(client, name);
    if (!holder) throw new Error(`no ${name}`);
    return storeSecret(client, holder, text, key);
  });
const open = (key = KEY): Promise<readonly (string | undefined)[]> =>
  inTransaction(async () => [...(await openSecrets(client, key)).values()].map(s => s()));
const raw = async (): Promise<readonly unknown[]> =>
  (await client.query('SELECT id, secret, secret_key_id, version FROM notification.notification_configs ORDER BY id'))
    .rows;
const empty = (): Promise<unknown> =>
  client.query('UPDATE notification.notification_configs SET secret = NULL, secret_key_id = NULL');

describe('a notification secret', () => {
  test('is read back as it was written, with any characters', async () => {
    const text = fc.string({unit: 'binary', minLength: 1}).filter(s => !s.includes('\0') && s.isWellFormed());
    await fc.assert(
      fc.asyncProperty(text, async value => {
        await store('desk', value);
        expect(await open()).toEqual([value]);
      }),
      {numRuns: 20},
    );
  });

  test('increments the configuration’s version, and records its key', async () => {
    const [before] = await listSecrets(client, 'desk');
    await store('desk', TEXT);
    const [after] = await listSecrets(client, 'desk');
    expect(after).toEqual({...before, version: (before?.version ?? 0) + 1, keyId: KEY.id});
    expect(inspect([await listSecrets(client), KEY], {depth: 9, showHidden: true})).not.toContain(TEXT);
  });

  test('does not overwrite a configuration that was changed meanwhile', async () => {
    await store('desk', TEXT);
    const [holder] = await listSecrets(client, 'desk');
    await client.query("UPDATE notification.notification_configs SET version = version + 1 WHERE name = 'desk'");
    const late = inTransaction(() => storeSecret(client, holder as never, 'late', KEY));
    await expect(late).rejects.toMatchObject({name: 'OptimisticLockError', version: holder?.version});
    expect(await open()).toEqual([TEXT]);
  });

  test('refuses a second key beside the first', async () => {
    await store('desk', TEXT);
    await expect(store('risk', 'x', OTHER)).rejects.toThrow(
      `The secret of desk is encrypted under key ${KEY.id}, not under this one (${OTHER.id}).`,
    );
  });

  test('a wrong key is an error, also one with the right id', async () => {
    await store('desk', TEXT);
    await expect(open(OTHER)).rejects.toThrow('is encrypted under key');
    // pgcrypto detects a wrong key by two repeated bytes, and once in 65,536 only by the integrity code.
    for (let n = 0; n < 20; n++) {
      await expect(open({id: KEY.id, key: secret(newSecretKey())})).rejects.toThrow(
        `Key ${KEY.id} does not decrypt the secrets`,
      );
    }
    expect(await open()).toEqual([TEXT]);
  });

  test('a damaged secret is an error', async () => {
    await store('desk', TEXT);
    await client.query(
      "UPDATE notification.notification_configs SET secret = set_byte(secret, length(secret) - 5, get_byte(secret, length(secret) - 5) # 1) WHERE name = 'desk'",
    );
    await expect(open()).rejects.toThrow('does not decrypt the secrets');
    await empty();
  });

  test('is refused without a transaction, or in a read-only one', async () => {
    await expect(openSecrets(client, KEY)).rejects.toThrow('inside a transaction');
    await client.query('BEGIN READ ONLY');
    await expect(openSecrets(client, KEY)).rejects.toMatchObject({code: '25006'});
    await client.query('ROLLBACK');
  });

  test('is accessible to the notification service only', async () => {
    await client.query('RESET ROLE');
    for (const role of ['trading_app', 'svc_execution', 'tradetop_monitor', 'tradetop_operator']) {
      await client.query(`SET ROLE ${role}`);
      await expect(client.query('SELECT secret FROM notification.notification_configs')).rejects.toMatchObject({
        code: '42501',
      });
    }
    await client.query('SET ROLE svc_notification');
  });
});

describe('rotation', () => {
  test('encrypts every secret under the new key, and the old one decrypts none', async () => {
    await empty();
    await store('desk', TEXT);
    await store('risk', 'second');
    expect(await inTransaction(() => rotateSecrets(client, KEY, OTHER))).toBe(2);
    expect(await open(OTHER)).toEqual([TEXT, 'second']);
    await expect(open(KEY)).rejects.toThrow(`under key ${OTHER.id}`);
    expect(await inTransaction(() => rotateSecrets(client, OTHER, KEY))).toBe(2);
  });

  test.each([
    [
      'a wrong old key',
      {id: KEY.id, key: secret('wrong-wrong-wrong-wrong-wrong-wrong-wrong')},
      OTHER,
      'does not decrypt',
    ],
    ['an old key of another id', OTHER, secretKey(newSecretKey()), 'is encrypted under key'],
    ['the same key', KEY, KEY, 'is the same as the old one'],
  ])('with %s changes nothing', async (_, from, to, why) => {
    const before = await raw();
    await expect(inTransaction(() => rotateSecrets(client, from, to))).rejects.toThrow(why);
    expect(await raw()).toEqual(before);
  });

  test('stops at one secret that the key does not decrypt, and changes none', async () => {
    await store('mail', 'third');
    await client.query(
      `UPDATE notification.notification_configs SET secret = public.pgp_sym_encrypt('x', 'foreign key') WHERE name = 'mail'`,
    );
    const before = await raw();
    await expect(inTransaction(() => rotateSecrets(client, KEY, OTHER))).rejects.toThrow('does not decrypt');
    expect(await raw()).toEqual(before);
    await client.query(
      "UPDATE notification.notification_configs SET secret = NULL, secret_key_id = NULL WHERE name = 'mail'",
    );
  });

  test('blocks writers under the old key meanwhile', async () => {
    const two = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      database: 'trading_system',
      ssl: false,
    });
    await two.connect();
    try {
      const [holder] = await listSecrets(two, 'mail');
      await client.query('BEGIN');
      await rotateSecrets(client, KEY, OTHER);
      await two.query('BEGIN');
      const late = storeSecret(two, holder as never, 'late', KEY).catch((e: unknown) => e);
      await client.query('COMMIT');
      expect(await late).toMatchObject({name: 'UserError'});
      await two.query('ROLLBACK');
      expect(await inTransaction(() => rotateSecrets(client, OTHER, KEY))).toBe(2);
    } finally {
      await two.end();
    }
  });
});

describe('neither key nor secret in clear text', () => {
  beforeAll(async () => {
    await client.query('SET debug_print_parse = on; SET debug_print_rewritten = on; SET debug_print_plan = on');
  });
  const KEYS = [KEY, OTHER].map(k => k.key() as string);
  // The debug output of plans shows constants as lists of bytes.
  const asBytes = (text: string): string => [...Buffer.from(text)].join(' ');
  const forms = [...KEYS, TEXT].flatMap(text => [text, asBytes(text), Buffer.from(text).toString('hex')]);
  const found = (text: string, wanted = forms): readonly string[] => {
    const inOneLine = text.replace(/\s+/g, ' ');
    return wanted.filter(form => inOneLine.includes(form));
  };

  test('could escape these tests: they find what is passed as a parameter', async () => {
    const control = 'a-control-value-that-is-passed-in-the-usual-way';
    await client.query('SELECT FROM notification.notification_configs WHERE name = $1', [control]);
    const log = readFileSync(join(server.dir, 'pg', 'server.log'), 'latin1');
    expect(found(log, [control, asBytes(control)])).toEqual([control, asBytes(control)]);
  });

  test('is in any file of the server, its log and its WAL included', async () => {
    await empty();
    await store('desk', TEXT);
    await inTransaction(() => rotateSecrets(client, KEY, OTHER));
    await inTransaction(() => rotateSecrets(client, OTHER, KEY));
    await open();
    await expect(open({...KEY, key: OTHER.key})).rejects.toThrow('does not decrypt');
    await client.query('RESET ROLE');
    await client.query('CHECKPOINT');
    const files = filesUnder(join(server.dir, 'pg'));
    const log = files.find(file => file.endsWith('server.log')) as string;
    expect(readFileSync(log, 'latin1')).toContain('COPY notification.session_secrets');
    expect(files.length).toBeGreaterThan(900);
    expect(files.filter(file => found(readFileSync(file, 'latin1')).length > 0)).toEqual([]);
    await client.query('SET ROLE svc_notification');
  });

  test('is in the statistics of statements, in sessions or in settings', async () => {
    await client.query('BEGIN');
    await openSecrets(client, KEY);
    const two = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      database: 'trading_system',
      ssl: false,
    });
    await two.connect();
    try {
      const {rows: statements} = await two.query('SELECT query FROM pg_stat_statements');
      const {rows: sessions} = await two.query('SELECT query FROM pg_stat_activity');
      const {rows: settings} = await two.query('SELECT name, setting FROM pg_settings');
      expect(statements.some(s => s.query.includes('pgp_sym_encrypt'))).toBe(true);
      expect(found(JSON.stringify([statements, sessions, settings]))).toEqual([]);
    } finally {
      await client.query('COMMIT');
      await two.end();
    }
    const {rows} = await client.query("SELECT current_setting('tradetop_secret.key', true) AS key");
    expect(rows).toEqual([{key: ''}]);
  });

  test('is in the error of a failed transfer', async () => {
    // The log's context of a failed COPY in text format would show the line.
    await client.query('RESET ROLE');
    await client.query(`CREATE OR REPLACE FUNCTION notification.keep_for_transaction() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''broken on purpose''; END'`);
    const error = await inTransaction(() => openSecrets(client, KEY)).catch((e: unknown) => e);
    expect(error).toMatchObject({message: 'broken on purpose'});
    expect(found(inspect(error, {depth: 9, showHidden: true}))).toEqual([]);
    expect(found(readFileSync(join(server.dir, 'pg', 'server.log'), 'latin1'))).toEqual([]);
  });
});

function filesUnder(dir: string): readonly string[] {
  return readdirSync(dir, {recursive: true, encoding: 'utf8'})
    .map(file => join(dir, file))
    .filter(file => statSync(file, {throwIfNoEntry: false})?.isFile());
}

test('a missing or too short key of a machine is refused', () => {
  expect(() => secretKey('')).toThrow('There is no key');
  expect(() => secretKey('short')).toThrow('at least 32 characters');
  expect(newSecretKey()).toMatch(/^[\w-]{43}$/);
  expect(secretKey(KEY.key()).id).toBe(KEY.id);
  expect(OTHER.id).not.toBe(KEY.id);
});
