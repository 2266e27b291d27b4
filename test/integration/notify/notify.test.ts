import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import {nowMicros} from '../../../src/core/time.ts';
import {openPg} from '../../../src/io/pg.ts';
import {listSecrets, rotateSecrets, type SecretKey, secretKey, storeSecret} from '../../../src/io/secrets.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {withTransaction} from '../../../src/io/transaction.ts';
import type {Alert} from '../../../src/model/state.ts';
import {checkNotify} from '../../../src/notify/check.ts';
import {type Notifier, type NotifierOptions, startNotifier} from '../../../src/notify/notifier.ts';
import {notifyOnce, previewMessages, sendTest} from '../../../src/notify/once.ts';
import {sendTo} from '../../../src/notify/send.ts';
import {NOTIFY_PG} from '../../../src/notify/session.ts';
import {cloneDesk, loginAs, targetOf} from '../../helpers/desk/desk.ts';
import {makeCertificates} from '../../helpers/servers/certificates.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {type HttpReceiver, httpReceiver, type SmtpReceiver, smtpReceiver} from '../../helpers/servers/receivers.ts';
import type {Database} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {alert} from '../../helpers/state/screen.ts';

const KEY_TEXT = 'a-key-for-the-notifier-0123456789-abc';
const KEY = secretKey(KEY_TEXT);
const NEXT_KEY = secretKey('the-next-key-of-notifier-0123456789-a');
const ORIGIN = {environment: 'dev', database: 'trading_system', host: 'desk-1'};
const CHILD = fileURLToPath(new URL('../../helpers/desk/notify-child.ts', import.meta.url));

let desk: Database;
let admin: pg.Pool;
let proxy: FaultProxy;
let hooks: Readonly<Record<'good' | 'slack' | 'refusing' | 'hanging' | 'leading' | 'tls', HttpReceiver>>;
let mail: SmtpReceiver;
const PASSWORD = 'a password for the tests';
const lines: string[] = [];
const log = {
  info: (fields: unknown, words: string) => lines.push(JSON.stringify([fields, words])),
  warn: (fields: unknown, words: string) => lines.push(JSON.stringify([fields, words])),
} as unknown as NotifierOptions['log'];

beforeAll(async () => {
  desk = await cloneDesk();
  admin = new pg.Pool({...desk.config, max: 2});
  admin.on('error', () => {});
  await (await loginAs('svc_notification', desk)).end();
  proxy = await startProxy({host: desk.config.host, port: desk.config.port});
  const {cert, key} = await makeCertificates();
  const [good, slack, refusing, hanging, leading, tls] = await Promise.all([
    ...Array.from({length: 5}, () => httpReceiver()),
    httpReceiver({cert: readFileSync(cert), key: readFileSync(key)}),
  ] as const);
  hooks = {good, slack, refusing, hanging, leading, tls} as typeof hooks;
  mail = await smtpReceiver();
}, 60_000);
afterAll(async () => {
  await Promise.all([...Object.values(hooks ?? {}).map(hook => hook.close()), mail?.close(), proxy?.close()]);
  await admin?.end();
});

const poolOf = (port = desk.config.port, user = 'svc_notification') =>
  openPg({...targetOf(desk, user, PASSWORD), port}, loadSql(), {...NOTIFY_PG, writes: true});

async function configure(name: string, channel: string, text: string, target: string | null = null): Promise<void> {
  await admin.query('INSERT INTO notification.notification_configs (name, channel, target) VALUES ($1, $2, $3)', [
    name,
    channel,
    target,
  ]);
  await withTransaction(admin, {}, async ({client}) => {
    const [holder] = await listSecrets(client, name);
    await storeSecret(client, holder as NonNullable<typeof holder>, text, KEY);
  });
}
const remove = (): Promise<unknown> =>
  admin.query('DELETE FROM notification.notification_configs; DELETE FROM notification.notification_logs');

/** What stands, as the notifiers see it. */
let standing: readonly Alert[] = [];
const crit = (id: string): Alert => alert({id, severity: 'crit', text: `${id} is wrong`, since: nowMicros()});
const view = () => ({at: nowMicros(), alerts: standing, full: false, asked: () => true});
const started: Notifier[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(notifier => notifier.close()));
});
function start(port?: number, keys: readonly SecretKey[] = [KEY]): Notifier {
  const notifier = startNotifier({
    pg: poolOf(port),
    view,
    keys: {keys, missing: undefined},
    origin: ORIGIN,
    log,
    tickMs: 15,
    refreshMs: 100,
    connectMs: 50,
    gatherMs: 100,
    send: (receiver, message, origin) => sendTo(receiver, message, origin, 700),
  });
  started.push(notifier);
  return notifier;
}
const isIn = (notifier: Notifier, state: string) =>
  waitFor(`a notifier that is ${state}`, () => notifier.state() === state);

type Row = {config: string; status: string; attempts: number; error: string | null; subject: string; tries: unknown[]};
const logged = async (name: string): Promise<readonly Row[]> =>
  (
    await admin.query(
      `SELECT c.name AS config, l.status, l.attempts, l.error, l.subject, l.tries FROM notification.notification_logs AS l
         JOIN notification.notification_configs AS c ON c.id = l.config_id WHERE c.name = $1 ORDER BY l.created_at`,
      [name],
    )
  ).rows;
const edgesAt = (hook: HttpReceiver): readonly string[] =>
  hook.received.flatMap(({text}) =>
    JSON.parse(text).alerts.map((one: {id: string; change: string}) => `${one.change} ${one.id}`),
  );

describe('the notifier', () => {
  it('tells each receiver each change once, whatever others do; of two notifiers one does', async () => {
    hooks.refusing.answer(404);
    hooks.hanging.answer('never');
    hooks.leading.answer({status: 307, location: 'http://127.0.0.1:1/elsewhere'});
    await configure('good', 'webhook', hooks.good.url);
    await configure('slack', 'slack', hooks.slack.url);
    await configure('refusing', 'webhook', hooks.refusing.url);
    await configure('hanging', 'webhook', hooks.hanging.url);
    await configure('leading', 'webhook', hooks.leading.url);
    await configure('tls', 'webhook', hooks.tls.url);
    await configure('mail', 'email', `smtp://127.0.0.1:${mail.port}?from=desk@desk.test`, 'a@desk.test, b@desk.test');
    await configure('login', 'email', `smtp://me%40desk.test:very-secret-word@127.0.0.1:${mail.port}`, 'a@desk.test');
    const first = start();
    await isIn(first, 'active');
    const second = start();
    await isIn(second, 'standby');
    const third = poolOf();
    const parts = {pg: third, keys: {keys: [KEY], missing: undefined}, origin: ORIGIN};
    await expect(notifyOnce(parts, view())).rejects.toThrow('Another notifier is active on this database.');
    await third.close();

    standing = [crit('blocked:a'), alert({id: 'slot_kept', text: 'much <WAL> & more'})];
    await waitFor('the mail', () => mail.mails.length === 1);
    await waitFor('Slack', () => hooks.slack.received.length === 1);
    await waitFor('the webhook', () => hooks.good.received.length === 1);
    expect(edgesAt(hooks.good)).toEqual(['fired blocked:a', 'fired slot_kept']);
    expect(JSON.parse(hooks.slack.received[0]?.text ?? '').text).toContain('much &lt;WAL&gt; &amp; more');
    expect(mail.mails[0]).toMatch(/^Subject: \[dev\] critical fired: blocked:a is wrong \(and 1 more\)\r$/m);
    expect(mail.mails[0]).toMatch(/^To: a@desk.test, b@desk.test\r$/m);

    standing = [];
    await waitFor('that it has cleared', () => hooks.good.received.length === 2);
    expect(edgesAt(hooks.good).slice(2)).toEqual(['cleared blocked:a', 'cleared slot_kept']);
    const failures = async () => {
      const all = await Promise.all(['refusing', 'hanging', 'leading', 'tls', 'login'].map(logged));
      return all.every(rows => (rows[0]?.attempts ?? 0) > 0) && all.map(rows => rows[0]?.error);
    };
    expect(await waitFor('the failures', failures)).toEqual([
      'HTTP 404: no such hook: …',
      'no answer within 0.7 s',
      expect.stringMatching(
        /^redirects from http:\/\/127\.0\.0\.1:\d+ to http:\/\/127\.0\.0\.1:1: nothing is sent there$/,
      ),
      expect.stringContaining('certificate'),
      expect.stringMatching(/TLS|STARTTLS/),
    ]);
    const [sent] = await logged('good');
    expect(sent).toMatchObject({status: 'sent', attempts: 1, error: null});
    expect(sent?.tries).toEqual([{at: expect.any(Number), ms: expect.any(Number), ok: true, answer: 'HTTP 200: ok'}]);

    standing = [crit('blocked:b')];
    await first.close();
    await isIn(second, 'active');
    const last = () => edgesAt(hooks.good).slice(4);
    await waitFor('what the second tells', () => last().length > 0);
    expect(last()).toEqual(['fired blocked:b']);
    expect(new Set(hooks.good.received.map(({key}) => key)).size).toBe(3);
    await second.close();

    const {rows} = await admin.query(`SELECT to_jsonb(l)::text AS row FROM notification.notification_logs AS l`);
    const everything = [...rows.map(({row}) => row), ...lines].join('\n');
    expect(everything).not.toMatch(/very-secret|me@desk/);
  }, 60_000);

  it('goes on without the database, and tells it afterwards', async () => {
    await remove();
    standing = [];
    await configure('good', 'webhook', hooks.good.url);
    const before = hooks.good.received.length;
    const notifier = start(proxy.port);
    await isIn(notifier, 'active');
    proxy.set('refuse');
    standing = [crit('pg_down')];
    await waitFor('that PostgreSQL is away', () => hooks.good.received.length === before + 1);
    expect(notifier.state()).toBe('alone');
    proxy.set('pass');
    await isIn(notifier, 'active');
    await waitFor('the record', async () => (await logged('good'))[0]?.status === 'sent');
    expect((await admin.query('SELECT alert, severity FROM notification.told_alerts')).rows).toEqual([
      {alert: 'pg_down', severity: 'critical'},
    ]);
    standing = [];
    await waitFor('the end', () => hooks.good.received.length === before + 2);
    await notifier.close();
    expect(edgesAt(hooks.good).slice(-2)).toEqual(['fired pg_down', 'cleared pg_down']);
  }, 60_000);

  it('opens secrets while their key is changed, and forgets a receiver that is disabled', async () => {
    await remove();
    standing = [];
    await configure('good', 'webhook', hooks.good.url);
    const before = hooks.good.received.length;
    const notifier = start(undefined, [KEY, NEXT_KEY]);
    await isIn(notifier, 'active');
    await withTransaction(admin, {}, ({client}) => rotateSecrets(client, KEY, NEXT_KEY));
    standing = [crit('a')];
    await waitFor('the message', () => hooks.good.received.length === before + 1);
    await admin.query('UPDATE notification.notification_configs SET enabled = false');
    await waitFor('that it is forgotten', async () => {
      return (await admin.query('SELECT FROM notification.told_alerts')).rowCount === 0;
    });
    await admin.query('UPDATE notification.notification_configs SET enabled = true');
    await waitFor('what stands', () => hooks.good.received.length === before + 2);
    await notifier.close();
    expect(edgesAt(hooks.good).slice(-2)).toEqual(['fired a', 'fired a']);
    const check = await checkNotify(poolOf(), {keys: [KEY], missing: undefined});
    expect(check.receivers[0]?.problem).toBe(`its secret is under key ${NEXT_KEY.id}, not ${KEY.id}`);
  }, 60_000);

  it('once: shows, sends what is new, tests one receiver, and says which rights are missing', async () => {
    await remove();
    await configure('good', 'webhook', hooks.good.url);
    await configure('sms', 'sms', 'x');
    const once = {keys: {keys: [KEY], missing: undefined}, origin: ORIGIN};
    const before = hooks.good.received.length;
    const pools = Array.from({length: 6}, () => poolOf());
    const [a, b, c, d, e, f] = pools as [ReturnType<typeof poolOf>, ...ReturnType<typeof poolOf>[]] & typeof pools;
    standing = [crit('x')];
    expect(await previewMessages({...once, pg: a}, view())).toHaveLength(2);
    expect(hooks.good.received.length).toBe(before);
    const sent = await notifyOnce({...once, pg: b as never}, view());
    expect(sent.map(({outcome}) => outcome?.ok)).toEqual([true, false]);
    const again = await notifyOnce({...once, pg: c as never}, view());
    expect(again.map(({receiver}) => receiver.name)).toEqual(['sms']);
    const tested = await sendTest({...once, pg: d as never}, 'good', 'a-test');
    expect(tested.outcome).toEqual({ok: true, answer: 'HTTP 200: ok'});
    await expect(sendTest({...once, pg: e as never}, 'nobody', 'a-test')).rejects.toThrow(
      'No notification of this name',
    );
    expect(edgesAt(hooks.good).slice(-2)).toEqual(['fired x', 'fired test']);
    const {grants, receivers} = await checkNotify(f as never, once.keys);
    expect([grants, receivers.map(({name, problem}) => [name, problem !== undefined])]).toEqual([
      [],
      [
        ['good', false],
        ['sms', true],
      ],
    ]);
    await (await loginAs('tradetop_monitor', desk)).end();
    const lacking = poolOf(undefined, 'tradetop_monitor');
    expect((await checkNotify(lacking, once.keys)).grants).toContain(
      'GRANT DELETE, INSERT, SELECT, UPDATE ON notification.told_alerts TO tradetop_monitor;',
    );
    await Promise.all([...pools, lacking].map(pool => pool.close()));
  }, 60_000);

  it('loses no change and repeats none, killed again and again', async () => {
    await remove();
    await configure('good', 'webhook', hooks.good.url);
    const before = hooks.good.received.length;
    const ids = Array.from({length: 3}, (_, i) => `alert:${i}`);
    const tell = (child: ChildProcess, alerts: readonly string[]) => child.stdin?.write(`${JSON.stringify(alerts)}\n`);
    for (let round = 0; round < ids.length; round++) {
      const child = spawn(process.execPath, [CHILD], {
        env: {
          PATH: process.env.PATH,
          HOST: desk.config.host,
          PORT: String(desk.config.port),
          DATABASE: desk.config.database,
          PASSWORD,
          KEY: KEY_TEXT,
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [ended] = [once(child, 'exit'), child.stdin?.on('error', () => {})];
      await once(child.stdout as NodeJS.ReadableStream, 'data');
      // Killed at another moment each time: before, while and after it writes and sends.
      const told = ids.slice(0, round + 1);
      tell(child, told);
      await waitFor('some step', async () => {
        const {rowCount} = await admin.query('SELECT FROM notification.told_alerts');
        return round % 2 === 0 ? (rowCount ?? 0) > round : edgesAt(hooks.good).includes(`fired alert:${round}`);
      });
      child.kill('SIGKILL');
      await ended;
    }
    standing = [];
    const last = start();
    const told = () => edgesAt(hooks.good).slice(-6);
    await waitFor('the last changes', () => ids.every(id => told().includes(`cleared ${id}`)));
    await last.close();
    const messages = new Map(hooks.good.received.slice(before).map(({key, text}) => [key, text]));
    const edges = [...messages.values()].flatMap(text =>
      JSON.parse(text).alerts.map((one: {id: string; change: string}) => `${one.change} ${one.id}`),
    );
    expect(edges.toSorted()).toEqual([...ids.map(id => `cleared ${id}`), ...ids.map(id => `fired ${id}`)]);
  }, 60_000);
});
