import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {type Bench, makeBench, newServer} from '../helpers/desk/acting.ts';
import {loginAs} from '../helpers/desk/desk.ts';
import {httpReceiver} from '../helpers/servers/receivers.ts';
import {type Database, servers} from '../helpers/servers/servers.ts';
import {waitFor} from '../helpers/servers/wait.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tradetop-alerts-'));
let bench: Bench;
let redis: Awaited<ReturnType<typeof servers>>['redis'];
let [operator, monitor] = ['', ''];
beforeAll(async () => {
  [bench, {redis}] = await Promise.all([newServer[1]().then(server => makeBench(server)), servers()]);
  operator = await bench.role(['tradetop_operator']);
  monitor = await bench.role(['tradetop_monitor']);
  await bench.admin.query(
    `INSERT INTO notification.notification_logs (channel, event_type, severity, subject, status, error)
       VALUES ('slack', 'x', 'info', 'x', 'failed', 'HTTP 404')`,
  );
});
afterAll(async () => {
  await bench?.close();
  rmSync(dir, {recursive: true});
});

type Printed = {readonly id: string; readonly muted_until: string | null};
type Ended = {readonly code: number | null; readonly out: string; readonly err: string};
const startTradetop = (args: readonly string[], user: string, env: Readonly<Record<string, string>>) =>
  spawn(process.execPath, [program, ...args], {
    env: {PATH: process.env.PATH, ...bench.env(user), REDIS_URL: redis.url, XDG_STATE_HOME: dir, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const tradetop = (args: readonly string[], user: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  endOf(startTradetop(['alerts', ...args], user, env));
function endOf(child: ReturnType<typeof startTradetop>): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', text => (out += text));
  child.stderr.setEncoding('utf8').on('data', text => (err += text));
  return new Promise(resolve => child.on('close', code => resolve({code, out, err})));
}
const FAILED = 'notifications_failed:slack';
const failedOf = async (user: string) => {
  const {alerts} = JSON.parse((await tradetop(['--json'], user)).out);
  return (alerts as readonly Printed[]).find(({id}) => id === FAILED);
};

describe('tradetop alerts', () => {
  it('lists what is wrong, with exit code 1 only where it is critical', async () => {
    const {code, out} = await tradetop([], monitor);
    expect(out).toContain('1 notification by slack failed in the last hour: HTTP 404');
    expect(code).toBe(0);
    const down = await tradetop([], monitor, {REDIS_URL: 'redis://127.0.0.1:1/0'});
    expect(down.out).toContain('No subscription to the bus');
    expect(down.err).toMatch(/^Not read, so that nothing is known of it: .*\bbus\b/);
    expect(down.code).toBe(1);
    const gone = await tradetop(['--json'], monitor, {POSTGRES_PORT: '1'});
    expect(JSON.parse(gone.out).alerts.map((alert: {readonly id: string}) => alert.id)).toEqual(['pg_down']);
    expect(gone.code).toBe(1);
  });

  it('keeps an acknowledgement and a mute for all consoles, audited', async () => {
    const taken = await tradetop(['ack', FAILED, '--note', 'asked for a new address', '--yes'], operator);
    expect([taken.err, taken.code]).toEqual([expect.anything(), 0]);
    expect(await failedOf(monitor)).toMatchObject({
      acknowledged: {by: expect.stringMatching(/ from /), note: 'asked for a new address'},
      muted_until: null,
    });
    expect((await tradetop(['mute', FAILED, '--for', '2h', '--yes'], operator)).code).toBe(0);
    const muted = await failedOf(monitor);
    expect((Date.parse(muted?.muted_until ?? '') - Date.now()) / 60_000).toBeCloseTo(120, -1);
    expect((await tradetop(['unmute', FAILED, '--yes'], operator)).code).toBe(0);
    expect(await failedOf(monitor)).toMatchObject({muted_until: null, acknowledged: {note: 'asked for a new address'}});
    const {rows} = await bench.admin.query(
      `SELECT operation, target FROM shared.audit_log WHERE result = 'done' ORDER BY id`,
    );
    expect(rows.map(row => row.operation)).toEqual(['acknowledge-alert', 'mute-alert', 'mute-alert']);
    expect(rows.every(row => row.target.includes(FAILED))).toBe(true);
  });

  it('refuses what is no alert, what is not muted, and a user who may not', async () => {
    const wrong = await tradetop(['ack', 'notification_failed:slack', '--yes'], operator);
    expect(wrong.err).toContain('is not an alert’s id.\n  Did you mean notifications_failed?');
    expect(wrong.code).toBe(2);
    const unmuted = await tradetop(['unmute', 'bus_down', '--yes'], operator);
    expect(unmuted.err).toContain('bus_down is not muted');
    expect(unmuted.code).toBe(2);
    expect((await tradetop(['mute', 'bus_down', '--for', 'long', '--yes'], operator)).code).toBe(2);
    const denied = await tradetop(['ack', FAILED, '--yes'], monitor);
    expect(denied.err).toContain('connect as tradetop_operator');
    expect(denied.code).toBe(2);
  });

  it('takes limits from the config file, and says what is wrong with them', async () => {
    const config = join(dir, 'config.json');
    const write = (alerts: unknown, profile: unknown = {}) =>
      writeFileSync(config, JSON.stringify({alerts, profiles: {calm: {alerts: profile}}}));
    write({notifications_failed: {warn: 5}}, {notifications_failed: {crit: 7}, oldest_xact: {off: true}});
    const {alerts} = JSON.parse((await tradetop(['--json', '--config', config], monitor)).out);
    expect(alerts.filter((alert: {readonly id: string}) => alert.id === FAILED)).toEqual([]);
    const limits = (await tradetop(['limits', '--config', config, '--profile', 'calm'], monitor)).out;
    expect(limits).toMatch(/notifications_failed .* warn 5, crit 7 .*config file/);
    expect(limits).toMatch(/oldest_xact .* off .*config file/);
    write({oldest_xakt: {warn: 5}});
    const wrong = await tradetop(['--config', config], monitor);
    expect(wrong.err).toContain('oldest_xakt, which is no rule.\n  Did you mean oldest_xact?');
    expect(wrong.code).toBe(2);
  });

  it('takes limits from the database under those of the config file, and says which are wrong', async () => {
    const config = join(dir, 'under.json');
    writeFileSync(config, JSON.stringify({alerts: {notifications_failed: {warn: 5}}}));
    await bench.admin.query(`INSERT INTO shared.system_config (key, value) VALUES ('alerts.limits',
      '{"notifications_failed": {"warn": 9, "crit": "12"}, "oldest_xact": {"warn": "soon"}, "blocked": {"warn": -1}}')`);
    const both = await tradetop(['limits', '--config', config], monitor);
    expect(both.out).toMatch(/notifications_failed .* warn 5, crit 12 .*database \(crit\)/s);
    expect(both.err).toContain('Not used: alerts.limits: oldest_xact.warn is "soon"; it must be a number of seconds');
    expect(both.err).toContain('Not used: alerts.limits: blocked.warn is -1');
    expect(both.code).toBe(1);
    const seen = JSON.parse((await tradetop(['--json'], monitor)).out).alerts as readonly {id: string; text: string}[];
    expect(seen.find(({id}) => id === FAILED)).toBeUndefined();
    expect(seen.find(({id}) => id === 'alert_limits')?.text).toContain('alerts.limits: blocked.warn is -1');
    await bench.admin.query(`DELETE FROM shared.system_config WHERE key = 'alerts.limits'`);
    const away = await tradetop(['limits', '--config', config], monitor, {POSTGRES_PORT: '1'});
    expect(away.out).toMatch(/notifications_failed .* warn 5, crit 10 .*config file/);
    expect([away.err, away.code]).toEqual([
      expect.stringMatching(/^The database’s limits are unknown: .*does not answer/),
      1,
    ]);
  });
});

describe('tradetop notify', () => {
  it('reads alerts as one role, and sends them as another: check, dry run, once, and as a service', async () => {
    const hook = await httpReceiver();
    try {
      const {POSTGRES_HOST: host = '', POSTGRES_PORT: port} = bench.env('postgres');
      const {postgres} = await servers();
      const config = {
        host,
        port: Number(port),
        user: postgres.user,
        password: postgres.password,
        database: bench.database,
        ssl: false,
      } as const;
      await (await loginAs('svc_notification', {config} as Database)).end();
      await bench.admin.query(
        `INSERT INTO notification.notification_configs (name, channel, target, event_types)
           VALUES ('hook', 'webhook', $1, '{notifications_failed}')`,
        [hook.url],
      );
      const env = {SVC_NOTIFICATION_PASSWORD: 'a password for the tests'};
      const notify = (...args: readonly string[]) => endOf(startTradetop(['notify', ...args], monitor, env));
      const check = await notify('--check');
      expect([check.code, check.out]).toEqual([0, expect.stringMatching(/hook .* ready.*No notifier is active/s)]);
      // Somebody may have taken the alert on, of which nobody else is told.
      await bench.admin.query('DELETE FROM shared.alert_marks');
      const shown = await notify('--dry-run');
      expect(shown.out).toContain(
        'To hook: [dev] warning fired: 1 notification by slack failed in the last hour: HTTP 404',
      );
      expect(hook.received).toEqual([]);
      expect((await notify('--once')).code).toBe(0);
      expect(hook.received.map(({text}) => JSON.parse(text).alerts[0].id)).toEqual([FAILED]);

      const service = startTradetop(['notify'], monitor, env);
      const ended = endOf(service);
      let said = '';
      service.stderr.on('data', text => (said += text));
      await waitFor('an active notifier', () => said.includes('"state":"active"'));
      service.kill('SIGTERM');
      expect((await ended).code).toBe(0);
    } finally {
      await hook.close();
    }
  }, 60_000);
});
