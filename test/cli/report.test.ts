import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {openPg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import {type Bench, makeBench, newServer} from '../helpers/desk/acting.ts';
import {insertRow} from '../helpers/desk/books-model.ts';
import {bareTrade} from '../helpers/desk/lives.ts';
import {sweepAll} from '../helpers/desk/settling.ts';
import {servers} from '../helpers/servers/servers.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const DAY = '2026-10-20';
let bench: Bench;
let operator: string;
let monitor: string;
let redisUrl: string;
let dir: string;
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  operator = await bench.role(['tradetop_operator']);
  monitor = await bench.role(['tradetop_monitor']);
  redisUrl = (await servers()).redis.url;
  dir = mkdtempSync(join(tmpdir(), 'tradetop-report-'));
  const db = openPg(bench.config('postgres').trading, loadSql(), {name: 'report test'});
  for (const t of [
    bareTrade({tradeId: 'b', side: 'buy', strategy: 'm', commission: '0.5'}),
    bareTrade({
      tradeId: 's',
      side: 'sell',
      strategy: 'm',
      price: '12.3456',
      quantity: '10',
      tradeType: 'partial',
      executedAt: Date.parse(`${DAY}T13:00:00Z`) * 1000,
    }),
  ])
    await insertRow(db.pool, t, true);
  await sweepAll(db);
  await db.close();
});
afterAll(async () => {
  await bench?.close();
  rmSync(dir, {recursive: true, force: true});
});

type Ended = {readonly code: number | null; readonly out: string; readonly err: string};
function tradetop(
  args: readonly string[],
  user = operator,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    env: {PATH: process.env.PATH, ...bench.env(user), XDG_STATE_HOME: join(dir, 'state'), REDIS_URL: redisUrl, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', text => (out += text));
  child.stderr.setEncoding('utf8').on('data', text => (err += text));
  return new Promise(resolve => child.on('close', code => resolve({code, out, err})));
}

describe('tradetop report', () => {
  it('prints a day as tables, JSON, CSV and Markdown, and writes it to a file of its owner’s', async () => {
    const text = await tradetop(['report', '--date', DAY], monitor);
    expect(text.out).toMatch(/Report of 2026-10-20\n.*a day of UTC; made /);
    expect(text.out).toMatch(/│ A +│ +2 │ +\+23\.4060 │ +n\/a │ +100\.0% │ 1,123\.4560 │ +0\.5000 │/);
    expect(text.code).toBe(0);
    const json = JSON.parse((await tradetop(['report', '--date', DAY, '--json'], monitor)).out);
    expect(json.figures.desk).toMatchObject({trades: '2', turnover: '1123.4560', unrealized_pnl: null});
    const {out} = await tradetop(['report', '--date', DAY, '--csv'], monitor);
    expect(out.split('\r\n').map(line => line.split(',').slice(0, 3).join())).toEqual([
      'of,account,strategy',
      'desk,,',
      'account,A,',
      'strategy,,m',
      'account and strategy,A,m',
      '',
    ]);
    const file = join(dir, 'day.md');
    writeFileSync(file, 'old');
    const written = await tradetop(['report', '--date', DAY, '--out', file, '--note', 'all well'], monitor);
    expect(written).toMatchObject({code: 0, out: ''});
    expect(readFileSync(file, 'utf8')).toMatch(/^# Report of 2026-10-20\n[\s\S]*- note: all well\n\n## By account\n/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await tradetop(['report', '--out', join(dir, 'no', 'such.md')], monitor)).err).toContain('(ENOENT)');
  });

  it('keeps a report, lists and prints it, with the right and where it may', async () => {
    const save = ['report', '--date', DAY, '--json', '--save'];
    expect((await tradetop([...save, '--read-only'])).err).toMatch(/read-only: nothing is kept\.[\s\S]*--no-read-only/);
    const denied = await tradetop(save, monitor);
    expect(denied.err).toMatch(/was not kept: [\s\S]*(?:permission denied|read-only)/);
    expect(denied.code).toBe(2);
    expect((await tradetop(save)).err).toContain('Kept as report 1, version 1 of the figures.');
    expect((await tradetop(save)).err).toContain('Kept already, with the same figures: report 1, version 1.');
    expect((await tradetop(['report', '--list'], monitor)).out).toMatch(/│ 1 +│ day +│ 2026-10-20 /);
    const kept = await tradetop(['report', '--kept', '1'], monitor);
    expect(kept.err).toContain('the figures are still the same.');
    expect(kept.code).toBe(0);
    await bench.admin.query(
      "UPDATE analytics.sync_ledger SET realized_pnl = realized_pnl + 0.0001 WHERE trade_id = 's'",
    );
    const other = await tradetop(['report', '--kept', '1'], monitor);
    expect(other.err).toMatch(/the figures are others now: trades 2 → 2, realised 23\.4\d+ → 23\.4\d+/);
    expect(other.code).toBe(1);
    expect((await tradetop(['report', '--kept', '99'])).err).toContain('There is no kept report of that id.');
    expect((await tradetop(['report', '--list', '--save'])).code).toBe(2);
  });
});

describe('tradetop incident', () => {
  it('writes a private folder with every pane, and no secret is in it; an empty one becomes private', async () => {
    const secrets = [
      'planted-one',
      'planted%40two',
      'planted@two',
      'planted-three',
      'planted-four',
      'planted-five',
      'planted-six',
    ];
    const config = join(dir, 'config.json');
    writeFileSync(config, JSON.stringify({redisUrl: 'redis://:planted-three@127.0.0.1:1/0', slowMs: 1}), {mode: 0o600});
    const sleeping = await bench.session();
    const query = sleeping.query(`/* token=planted-four */ SELECT pg_sleep(60), 'planted-five' AS "x"`).catch(() => {});
    await bench.admin.query(`INSERT INTO logging.system_logs (service, level, message, context) VALUES
      ('x', 'ERROR', 'cannot log in: password=planted-six', '{"api_key": "planted-six"}');
      INSERT INTO shared.system_config (key, value) VALUES ('vendor.password', '"planted-six"') ON CONFLICT (key) DO NOTHING`);
    const env = {
      TRADETOP_CONFIG: config,
      REDIS_URL: 'redis://desk:planted%40two@127.0.0.1:1/0',
      TRADETOP_SECRET_KEY: 'planted-one',
      PREFECT_DB_PASSWORD: 'planted-three',
    };
    const out = join(dir, 'incident');
    mkdirSync(out, {mode: 0o755});
    const {code, out: said, err} = await tradetop(['incident', '--out', out], operator, env);
    expect([code, said, err]).toEqual([0, `${out}\n`, '']);
    await bench.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()`,
    );
    await query;
    expect(statSync(out).mode & 0o777).toBe(0o700);
    const files = readdirSync(out);
    expect(files).toEqual(
      expect.arrayContaining([
        'README.md',
        'snapshot.json',
        'pane-sessions.txt',
        'pane-logs.json',
        'report.md',
        'settings.json',
        'versions.json',
        'history.json',
      ]),
    );
    const texts = files.map(file => readFileSync(join(out, file), 'utf8'));
    for (const file of files) expect(statSync(join(out, file)).mode & 0o777).toBe(0o600);
    const all = texts.join('\n');
    expect(all).toContain('pg_sleep(60)');
    expect(all).toContain('cannot log in');
    const own = (bench.env(operator).TRADING_DB_PASSWORD ?? '') as string;
    expect([...secrets, own].filter(secret => all.includes(secret))).toEqual([]);
    expect(JSON.parse(readFileSync(join(out, 'snapshot.json'), 'utf8')).environment).toBe('dev');
    const again = await tradetop(['incident', '--out', out], operator, env);
    expect(again.err).toContain('is not an empty directory');
  });

  it('makes a new folder in the state directory by default', async () => {
    const {out} = await tradetop(['incident'], monitor);
    expect(out).toMatch(/state\/tradetop\/incidents\/incident-[\dTZ-]+\n$/);
  });
});
