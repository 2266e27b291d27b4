import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {fileURLToPath} from 'node:url';
import pg from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {cloneDesk} from '../helpers/desk/desk.ts';
import type {Database} from '../helpers/servers/servers.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const HOOK = 'https://hooks.example.com/clear-as-day';
const KEY = 'a-key-for-the-command-0123456789-abcd';
const user = `r_${randomBytes(6).toString('hex')}`;
const password = randomBytes(12).toString('hex');
let db: Database;
let admin: pg.Client;

beforeAll(async () => {
  db = await cloneDesk();
  admin = new pg.Client(db.config);
  await admin.connect();
  await admin.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}' IN ROLE svc_notification;
    GRANT CONNECT ON DATABASE ${db.name} TO ${user};
    INSERT INTO notification.notification_configs (name, channel, target) VALUES ('desk', 'slack', '#desk')`);
});
afterAll(async () => {
  await admin?.query(`REVOKE CONNECT ON DATABASE ${db.name} FROM ${user}; DROP ROLE ${user}`);
  await admin?.end();
  await db?.drop();
});

type Ended = {readonly code: number | null; readonly out: string; readonly err: string};
function tradetop(args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      POSTGRES_HOST: db.config.host,
      POSTGRES_PORT: String(db.config.port),
      TRADING_DB_NAME: db.name,
      TRADING_DB_USER: user,
      TRADING_DB_PASSWORD: password,
      TRADETOP_SECRET_KEY: KEY,
      ...env,
    },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', text => (out += text));
  child.stderr.setEncoding('utf8').on('data', text => (err += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise(resolve => child.on('close', code => resolve({code, out, err})));
}

test('a secret is set from standard input, listed without being shown, and checked', async () => {
  const set = await tradetop(['secret', 'set', 'desk'], `${HOOK}\n`);
  expect(set).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^The secret of desk is set, under key [0-9a-f]{8}\.\n$/),
  });
  const listed = await tradetop(['secret', 'list', '--json']);
  expect(JSON.parse(listed.out)).toEqual([
    {id: '1', name: 'desk', channel: 'slack', target: '#desk', secret_key_id: expect.stringMatching(/^[0-9a-f]{8}$/)},
  ]);
  expect((await tradetop(['secret', 'list'])).out).toContain('under key');
  expect(await tradetop(['secret', 'check'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^1 secret opens with key /),
  });
  const {rows} = await admin.query("SELECT user_id, target FROM shared.audit_log WHERE operation = 'set-secret'");
  expect(rows).toMatchObject([{target: 'desk'}]);
  const stored = await admin.query(
    `SELECT public.pgp_sym_decrypt(secret, '${KEY}') AS secret FROM notification.notification_configs`,
  );
  expect(stored.rows).toEqual([{secret: HOOK}]);
});

test('another key does not decrypt it', async () => {
  const wrong = await tradetop(['secret', 'check'], '', {TRADETOP_SECRET_KEY: `${KEY}-other`});
  expect(wrong).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/The secret of desk is encrypted under key \w+, not under this one/),
  });
});

test('maintain rotate-secrets encrypts it with another key, as the notification service', async () => {
  const NEXT = `${KEY}-next`;
  const env = {TRADETOP_NEW_SECRET_KEY: NEXT};
  const rotated = await tradetop(['maintain', 'rotate-secrets', '--yes'], '', env);
  expect(rotated).toMatchObject({code: 0});
  expect(`${rotated.out}${rotated.err}`).not.toContain(KEY);
  expect(await tradetop(['secret', 'check'], '', {TRADETOP_SECRET_KEY: NEXT})).toMatchObject({code: 0});
  expect(await tradetop(['secret', 'check'])).toMatchObject({code: 2});
});

test('new-key makes a different key at each call', async () => {
  const [one, two] = await Promise.all([tradetop(['secret', 'new-key']), tradetop(['secret', 'new-key'])]);
  expect(one?.out).toMatch(/^[\w-]{43}\n$/);
  expect(two?.out).not.toBe(one?.out);
});

test.each([
  [['secret', 'set', 'nobody'], HOOK, {}, 'There is no notification nobody'],
  [['secret', 'set', 'desk'], '\n', {}, 'No secret was given'],
  [['secret', 'set', 'desk'], HOOK, {TRADETOP_SECRET_KEY: ''}, 'There is no key'],
  [['secret', 'set', 'desk'], HOOK, {TRADETOP_SECRET_KEY: 'short'}, 'too short'],
  [['secret', 'set', 'desk', '--read-only'], HOOK, {}, 'read-only'],
  [['secret', 'show'], '', {}, 'list, set NAME, check or new-key'],
  [['secret'], '', {}, 'tradetop secret takes'],
])('%j with %j is refused with the reason', async (args, input, env, words) => {
  expect(await tradetop(args, input, env)).toMatchObject({code: 2, out: '', err: expect.stringContaining(words)});
});
