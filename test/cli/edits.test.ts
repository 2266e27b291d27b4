import {spawn} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished} from 'vitest';
import {type Bench, makeBench, newServer} from '../helpers/desk/acting.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const SSH = {SSH_CONNECTION: '192.0.2.7 50000 192.0.2.1 22'};
let bench: Bench;
let operator: string;
let monitor: string;
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  operator = await bench.role(['tradetop_operator']);
  monitor = await bench.role(['tradetop_monitor']);
});
afterAll(() => bench?.close());
beforeEach(async () => {
  await bench.admin.query(`DELETE FROM shared.system_config; DELETE FROM risk_management.risk_events;
    DELETE FROM risk_management.risk_limits;
    INSERT INTO shared.system_config (key, value, description, updated_by, version, updated_at)
      VALUES ('trading.enabled', 'true', 'whether orders are sent', 'carol', 3, '2026-01-02 03:04:05.000006+00');
    INSERT INTO risk_management.risk_limits (id, limit_type, account_id, limit_value) VALUES
      (1, 'max_exposure', 'ACC-1', 1000), (2, 'max_exposure', 'ACC-2', 2000.5), (3, 'max_daily_loss', NULL, 50);
    INSERT INTO risk_management.risk_events (id, event_type, severity, account_id, message, occurred_at) VALUES
      (7, 'max_exposure', 'warning', 'ACC-1', 'neared', '2026-01-02 03:04:05+00'),
      (8, 'max_exposure', 'critical', 'ACC-1', 'broken', '2026-01-02 03:04:06+00')`);
});

type Ended = {readonly code: number | null; readonly out: string; readonly err: string};
function tradetop(
  args: readonly string[],
  user = operator,
  env: Readonly<Record<string, string>> = SSH,
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    env: {PATH: process.env.PATH, ...bench.env(user), ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', text => (out += text));
  child.stderr.setEncoding('utf8').on('data', text => (err += text));
  return new Promise(resolve => child.on('close', code => resolve({code, out, err})));
}
const row = async (text: string): Promise<unknown> => (await bench.admin.query(text)).rows[0];
const config = () => row('SELECT value, version, updated_by FROM shared.system_config');
const records = async (): Promise<number> => (await bench.admin.query('SELECT FROM shared.audit_log')).rowCount ?? 0;
const WHO = expect.stringMatching(new RegExp(`^${userInfo().username} from ssh 192\\.0\\.2\\.7 to `));

describe('tradetop config', () => {
  it('lists the settings, as a table and as one JSON document', async () => {
    const {code, out} = await tradetop(['config', 'list'], monitor);
    expect(out).toMatch(
      /trading\.enabled +│ true +│ database +│ whether orders are sent +│ 3 +│ 2026-01-02T03:04:05\.000006Z by carol/,
    );
    expect(code).toBe(0);
    expect(JSON.parse((await tradetop(['config', 'list', '--json'], monitor)).out).slice(0, 1)).toEqual([
      {
        key: 'trading.enabled',
        value: 'true',
        source: 'database',
        description: 'whether orders are sent',
        version: 3,
        updated_by: 'carol',
        updated_at: '2026-01-02T03:04:05.000006Z',
      },
    ]);
  });

  it('says of every setting where it is from, and shows no secret', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tradetop-config-'));
    onTestFinished(() => rm(dir, {recursive: true, force: true}));
    const file = join(dir, 'config.json');
    await writeFile(file, JSON.stringify({refreshMs: 5000, slowMs: 7, schedule: {jobs: {vacuum: {off: true}}}}));
    await bench.admin.query(`INSERT INTO shared.system_config (key, value) VALUES ('books.open_months', '5')`);
    const {out} = await tradetop(['config', 'list', '--json', '--config', file, '--slow-ms', '20'], monitor, {
      TRADETOP_ENVIRONMENT: 'paper',
      REDIS_URL: 'redis://desk:s3cret@localhost:1/0?password=s3cret',
      REDIS_PASSWORD: 's3cret',
    });
    const listed: readonly Record<string, unknown>[] = JSON.parse(out);
    const by = Object.fromEntries(listed.map(({key, value, source}) => [key, [value, source]]));
    expect(by).toMatchObject({
      'books.open_months': ['5', 'database'],
      'desk.timezone': ['"UTC"', 'default'],
      'market.sessions': [null, 'default: always open'],
      'maintenance.schedule': [null, expect.stringMatching(/^config file, then default/)],
      slowMs: ['20', 'flag --slow-ms'],
      refreshMs: ['5000', 'config file'],
      environment: ['paper', 'environment TRADETOP_ENVIRONMENT'],
      readOnly: ['false', 'default: 1 in prod'],
      clockAheadS: ['5', 'default'],
      redisUrl: ['redis://desk@localhost:1/0', 'environment REDIS_URL'],
      redisPassword: ['(set)', 'environment REDIS_PASSWORD'],
    });
    expect(out).not.toContain('s3cret');
    expect(out).not.toContain(bench.env(monitor).TRADING_DB_PASSWORD);
  });

  it('lists what it knows where the database is away or denies it, and says why the rest is unknown', async () => {
    const stranger = await bench.role([]);
    for (const [user, env, reason] of [
      [monitor, {POSTGRES_PORT: '1'}, /^The settings in the database are unknown: .* does not answer: /],
      [stranger, {}, /^The settings in the database are unknown: .*permission denied/],
    ] as const) {
      const {code, out, err} = await tradetop(['config', 'list', '--json'], user, env);
      const by = Object.fromEntries(JSON.parse(out).map((one: Record<string, unknown>) => [one.key, one]));
      expect(by['desk.timezone']).toMatchObject({value: null, source: 'database: unknown'});
      expect(by.slowMs).toMatchObject({value: '1000', source: 'default'});
      expect([err, code]).toEqual([expect.stringMatching(reason), 1]);
    }
  });

  it('refuses thresholds that would not count', async () => {
    const set = (value: string) => tradetop(['config', 'set', 'alerts.limits', value, '--new', '--yes']);
    const wrong = await set('{"blocked": {"warn": "soon"}}');
    expect(wrong.err).toContain('alerts.limits: blocked.warn is "soon"; it must be a number of seconds');
    expect(wrong.code).toBe(2);
    const right = await set('{"blocked": {"warn": "7s"}}');
    expect([right.err, right.code]).toEqual([expect.not.stringContaining('error'), 0]);
  });

  it('shows in a dry run what would change, in read-only too, and changes nothing', async () => {
    const before = [await config(), await records()];
    const {code, out} = await tradetop(['config', 'set', 'trading.enabled', 'false', '--dry-run', '--read-only']);
    expect(out).toContain('Set configuration on shared.system_config trading.enabled');
    expect(out).toMatch(/value +true → false/);
    expect(out).toMatch(/UPDATE "shared"\."system_config" AS edited SET "value" = \$3/);
    expect(code).toBe(0);
    const json = await tradetop(['config', 'set', 'trading.enabled', 'false', '--dry-run', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      action: 'set-config',
      outcome: 'dry_run',
      changes: [{key: 'trading.enabled', before: {value: 'true'}, after: {value: 'false'}}],
    });
    expect([await config(), await records()]).toEqual(before);
  });

  it('sets one, with the operator and the client', async () => {
    const {code, out} = await tradetop(['config', 'set', 'trading.enabled', '{"a": 0.10}', '--yes']);
    expect(out).toMatch(
      /^done: Setting trading\.enabled: true → \{"a": 0\.10\}, version 4\.\n {2}took .*, audit record \d+\n$/,
    );
    expect(code).toBe(0);
    expect(await config()).toEqual({value: {a: 0.1}, version: 4, updated_by: WHO});
    const json = await tradetop(['config', 'set', 'trading.enabled', '--yes', '--json', '--', '-5']);
    expect(JSON.parse(json.out)).toMatchObject({
      action: 'set-config',
      target: 'shared.system_config trading.enabled',
      outcome: 'done',
      rows: 1,
      changes: [{before: {value: '{"a": 0.10}', version: 4}, after: {value: '-5', version: 5}}],
    });
    const made = await tradetop(['config', 'set', 'new.key', '"x"', '--new', '--description', 'a text', '--yes']);
    expect(made).toMatchObject({code: 0, out: expect.stringContaining('Setting new.key: "x", version 1.')});
  });

  it('does not set what was changed while it asked, and reports the present value', async () => {
    // The trigger changes the row first, as another program that saw the same version would.
    await bench.admin.query(`CREATE FUNCTION shared.race() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        IF NEW.result = 'started' THEN
          UPDATE shared.system_config SET value = '"theirs"', version = version + 1, updated_by = 'dave';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER race AFTER INSERT ON shared.audit_log FOR EACH ROW EXECUTE FUNCTION shared.race()`);
    try {
      const {code, out} = await tradetop(['config', 'set', 'trading.enabled', 'false', '--yes']);
      expect(out).toMatch(
        /^failed: Setting trading\.enabled was changed meanwhile, by dave at .*Z: it is "theirs" \(version 4\), and you saw true \(version 3\)\. Nothing was written\./,
      );
      expect(code).toBe(1);
      expect(await config()).toMatchObject({value: 'theirs', version: 4});
    } finally {
      await bench.admin.query('DROP TRIGGER race ON shared.audit_log; DROP FUNCTION shared.race()');
    }
  });
});

describe('tradetop limit', () => {
  it('lists the limits with their digits', async () => {
    expect((await tradetop(['limit', 'list'], monitor)).out).toMatch(
      /2 +│ max_exposure, account ACC-2 │ 2000\.5000 +│ 0\.8000/,
    );
    expect(JSON.parse((await tradetop(['limit', 'list', '--json'], monitor)).out)[0]).toMatchObject({
      key: '3',
      limit_type: 'max_daily_loss',
      limit_value: '50.0000',
      warn_fraction: '0.8000',
      enabled: true,
    });
  });

  it('changes one by its id, or by its type where only one has it', async () => {
    const limit = (id: number) =>
      row(
        `SELECT limit_value, warn_fraction, enabled, version, updated_by FROM risk_management.risk_limits WHERE id = ${id}`,
      );
    expect(await tradetop(['limit', 'set', '2', '--value', '3000.25', '--disable', '--yes'])).toMatchObject({code: 0});
    expect(await limit(2)).toEqual({
      limit_value: '3000.2500',
      warn_fraction: '0.8000',
      enabled: false,
      version: 2,
      updated_by: WHO,
    });
    expect(await tradetop(['limit', 'set', 'max_daily_loss', '--warn', '0.5', '--yes'])).toMatchObject({code: 0});
    expect(await limit(3)).toMatchObject({warn_fraction: '0.5000', version: 2});
    expect((await tradetop(['limit', 'set', 'max_exposure', '--warn', '0.5', '--yes'])).err).toContain(
      'max_exposure is the type of 2 limits.\n  Name one by its id: 1 (max_exposure, account ACC-1); 2 (max_exposure, account ACC-2).',
    );
  });
});

describe('tradetop limit of positions', () => {
  it('lists, changes and makes them', async () => {
    await bench.admin.query(`DELETE FROM risk_management.position_limits;
      INSERT INTO risk_management.position_limits (id, symbol, max_quantity) VALUES (41, 'AAPL', 100)`);
    const set = await tradetop(['limit', 'set', 'position', '41', '--quantity', '250.5', '--value', '9e3', '--yes']);
    expect(set).toMatchObject({code: 0, out: expect.stringContaining('quantity 250.5000, value 9000.0000')});
    const made = ['limit', 'new', 'position', '--account', 'ACC-1', '--value', '5', '--dry-run', '--json'];
    expect(JSON.parse((await tradetop(made)).out)).toMatchObject({
      action: 'new-position-limit',
      outcome: 'dry_run',
      changes: [{before: null, after: {account_id: 'ACC-1', max_value: '5'}}],
    });
    const {out} = await tradetop(['limit', 'list', 'position'], monitor);
    expect(out).toMatch(/41 +│ symbol AAPL │ 250\.5000 +│ +│ 9000\.0000 +│ +│ 0\.8000 +│ yes +│ 2/);
  });
});

describe('tradetop ack', () => {
  it('lists the open events, and acknowledges them', async () => {
    expect((await tradetop(['ack', 'list'], monitor)).out).toMatch(
      /8 +│ 2026-01-02T03:04:06\.000000Z │ critical[\s\S]*broken[\s\S]*neared/,
    );
    expect(await tradetop(['ack', '7', '8', '--resolved', '--yes'])).toMatchObject({code: 0});
    expect(
      await row(
        'SELECT count(*)::int, min(acknowledged_by) AS who, count(resolved_at)::int AS settled FROM risk_management.risk_events',
      ),
    ).toEqual({
      count: 2,
      who: WHO,
      settled: 2,
    });
    expect((await tradetop(['ack', 'list'], monitor)).out).toBe('No event is open.\n');
    expect((await tradetop(['ack', '7', '--yes'])).err).toMatch(/Event 7 is already acknowledged by .*\./);
  });
});

describe('nothing is started, exit code 2,', () => {
  it.each([
    [['config'], 'tradetop config takes list | set KEY VALUE'],
    [['config', 'set', 'trading.enabled'], 'tradetop config takes: list, or set KEY VALUE.'],
    [['config', 'set', 'trading.enabled', 'yes', '--yes'], 'yes is not JSON'],
    [
      ['config', 'set', 'trading.enable', 'true', '--yes'],
      'There is no setting trading.enable. Add --new to create it.',
    ],
    [['config', 'set', 'trading.enabled', 'false'], 'there is no terminal to ask on.\n  Add --yes'],
    [['config', 'set', 'trading.enabled', 'false', '--yes', '--read-only'], 'Read-only'],
    [['config', 'set', 'trading.enabled', 'false', '--yes', '--environment', 'prod'], 'Read-only'],
    [
      ['config', 'set', 'trading.enabled', 'false', '--yes', '--environment', 'prod', '--no-read-only'],
      "Add: --yes --confirm 'shared.system_config trading.enabled'",
    ],
    [['limit', 'set', '1', '--yes'], 'Nothing to change. Give --value, --warn, --enable or --disable.'],
    [['limit', 'set', '1', '--value', '0', '--yes'], '0 is not a limit. Give a number above 0'],
    [['limit', 'set', '1', '--enable', '--disable', '--yes'], 'Give --enable or --disable, not both.'],
    [['limit', 'set', 'max_fun', '--value', '1', '--yes'], 'There is no limit max_fun.\n  See: tradetop limit list'],
    [['limit', 'set', '99', '--value', '1', '--yes'], 'There is no risk limit 99.'],
    [['limit', 'drop', '1'], 'tradetop limit takes: list, set ID|TYPE, or new TYPE; of positions'],
    [['limit', 'set', 'position', '--yes'], 'tradetop limit takes: list, set ID|TYPE'],
    [['limit', 'set', '1', '--quantity', '5', '--yes'], '--quantity is of position limits.'],
    [['ack', 'seven', '--yes'], 'seven is not an event’s id.\n  See: tradetop ack list'],
    [['ack', '7', '9', '--yes'], 'There is no risk event 9. See: tradetop ack list'],
  ])('by %j', async (args, message) => {
    const before = await records();
    const {code, out, err} = await tradetop(args);
    expect(err).toContain(message);
    expect({code, out}).toEqual({code: 2, out: ''});
    expect(await records()).toBe(before);
    expect(await config()).toMatchObject({version: 3});
  });

  it.each([
    [['config', 'set', 'trading.enabled', 'false'], 'shared.system_config'],
    [['limit', 'set', '1', '--value', '1'], 'risk_management.risk_limits'],
    [['ack', '7'], 'risk_management.risk_events'],
  ])('by the monitor’s %j', async (args, table) => {
    expect(await tradetop([...args, '--yes'], monitor)).toMatchObject({
      code: 2,
      out: '',
      err: `tradetop: This user may not edit ${table}: connect as tradetop_operator.\n`,
    });
  });

  it('on a server that does not answer, and in a database that is not set up', async () => {
    const gone = await tradetop(['limit', 'list'], operator, {POSTGRES_HOST: '/nowhere'});
    expect(gone).toMatchObject({code: 2, err: expect.stringContaining('does not answer')});
    const bare = await tradetop(['limit', 'list'], 'postgres', {TRADING_DB_NAME: 'postgres'});
    expect(bare).toMatchObject({code: 2, err: expect.stringContaining('Run: tradetop setup')});
  });
});
