import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {PANES} from '../../components/panes/index.ts';
import {isoMicros, nowMicros} from '../../src/core/time.ts';
import {envOf, openConsole, program} from '../helpers/desk/console.ts';
import {cloneDesk} from '../helpers/desk/desk.ts';
import {type FaultProxy, startProxy} from '../helpers/servers/proxy.ts';
import {openTerminal, type Terminal, type TerminalOptions} from '../helpers/servers/pty.ts';
import {type Database, ownRedis, servers} from '../helpers/servers/servers.ts';
import {waitFor} from '../helpers/servers/wait.ts';

let desk: Database;
let bus: Awaited<ReturnType<typeof ownRedis>>;
let publisher: Redis;
let env: Readonly<Record<string, string>>;
const open: Terminal[] = [];

beforeAll(async () => {
  desk = await cloneDesk();
  bus = await ownRedis();
  publisher = new Redis(bus.url);
  env = envOf(desk, {redis: bus});
});
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.kill('SIGKILL');
});
afterAll(async () => {
  publisher.disconnect();
  await bus.stop();
  await desk.drop();
});

function watch(options: TerminalOptions = {}, args: readonly string[] = []): Terminal {
  const terminal = openConsole(['watch', ...args], {...options, env: {...env, ...options.env}});
  open.push(terminal);
  return terminal;
}

/** The bytes that Python services send by `json.dumps` and `datetime.utcnow().isoformat()`. */
const pythonTrade = (id: string, symbol: string, at: number) => {
  const naive = isoMicros(at).slice(0, -1);
  return (
    `{"type": "trade_executed", "service": "execution", "data": {"trade_id": "${id}", "order_id": "O-1", "account_id": "ACC-01", ` +
    `"symbol": "${symbol}", "side": "buy", "quantity": 100.5, "price": 187.1234, "commission": 0.35, "executed_at": "${naive}", ` +
    `"strategy": "momentum", "trade_type": "opening"}, "timestamp": "${naive}", "correlation_id": "${id}"}`
  );
};

describe('the console', () => {
  test('draws its four panes, and a Python service’s trade with its UTC time', async () => {
    const terminal = watch();
    await terminal.sees(/1 Trades.*2 Positions/);
    await terminal.sees(/3 Slow queries.*4 Connection health/);
    await terminal.sees(/bus +ok/);
    const at = nowMicros();
    expect(await publisher.publish('data_sync:trades', pythonTrade('T-py-1', 'PYTH', at))).toBeGreaterThan(0);
    const screen = await terminal.sees(/PYTH/);
    expect(screen).toContain(isoMicros(at).slice(11, 23));
    expect(screen).toMatch(/PYTH +buy +100\.5\d* +187\.1234/);
    const client = new pg.Client(desk.config);
    await client.connect();
    const {rows} = await client.query(`SELECT count(*)::int AS connections FROM pg_stat_activity
      WHERE application_name = 'tradetop watch' AND datname = current_database()`);
    await client.end();
    // The second one reads Prefect's database.
    expect(rows).toEqual([{connections: 1}]);
    terminal.type('q');
    expect(await terminal.ended()).toEqual({exitCode: 0, signal: 0});
    expect(terminal.restored()).toBe(true);
  });

  test('opens with the view, the focus and the filter that the last one of its profile had', async () => {
    const state = mkdtempSync(join(tmpdir(), 'tradetop-state-'));
    const first = watch({env: {XDG_STATE_HOME: state}});
    await first.sees(/Main .*operator/);
    first.type(']2/!ACC\r');
    await first.sees(/Desk .*operator/);
    await first.sees(/2 Positions \/!ACC/);
    first.type('q');
    await first.ended();
    const second = watch({env: {XDG_STATE_HOME: state}});
    await second.sees(/Desk .*operator/);
    await second.sees(/2 Positions \/!ACC/);
    second.type('q');
    await second.ended();
    rmSync(state, {recursive: true});
  });

  // Every private mode that is set, the modes that are left as they were found, and what a copy sends.
  test('sends a terminal only what its kind knows', async () => {
    const CLIPBOARD = '\x1b]52;c;';
    const kinds = {
      vt100: [[], false],
      vt220: [['25'], false],
      linux: [['25'], false],
      'screen-256color': [['25', '1049', '2004'], true],
      'xterm-256color': [['25', '1049', '2004', '2026'], true],
    } as const;
    await Promise.all(
      Object.entries(kinds).map(async ([TERM, [modes, copies]]) => {
        // A serial line knows no size.
        const shell = TERM === 'vt220' ? ['sh', '-c', 'stty rows 0 cols 0; exec "$@"', 'sh'] : [];
        const [command = '', ...args] = [...shell, process.execPath, program, 'watch'];
        const terminal = openTerminal(command, args, {env: {...env, TERM, LANG: 'C.UTF-8'}});
        open.push(terminal);
        await terminal.sees(/1 Trades/);
        terminal.type('4');
        await terminal.sees(/redis +ok/);
        terminal.type('y');
        await terminal.sees(copies ? /copied \d+ characters/ : /not copied: a terminal like/);
        terminal.type('q');
        expect(await terminal.ended()).toEqual({exitCode: 0, signal: 0});
        const sent = terminal.raw();
        const set = (end: 'h' | 'l') =>
          [...new Set(sent.match(/\x1b\[\?[\d;]+[hl]/g) ?? [])]
            .filter(mode => mode.endsWith(end))
            .map(mode => mode.slice(3, -1))
            .sort((a, b) => Number(a) - Number(b));
        expect([TERM, set('l'), set('h')]).toEqual([TERM, modes, modes]);
        expect([TERM, sent.includes(CLIPBOARD)]).toEqual([TERM, copies]);
        expect([TERM, sent.includes('│')]).toEqual([TERM, TERM !== 'linux']);
        // Nothing of ours is left, whether there is another screen or not.
        expect([TERM, terminal.screen().trim(), terminal.restored()]).toEqual([TERM, '', true]);
      }),
    );
  });

  test('fits every size of its terminal, and says when it is too small', async () => {
    const terminal = watch({columns: 80, rows: 24});
    await terminal.sees(/1 Trades/);
    await terminal.sees(/2 Positions/);
    for (const [columns, rows, what] of [
      [200, 50, /1 Trades.*2 Positions/],
      [120, 30, /3 Slow queries.*4 Connection health/],
      [60, 15, /1 Trades/],
      [50, 12, /60.15/],
      [240, 60, /3 Slow queries.*4 Connection health/],
    ] as const) {
      terminal.resize(columns, rows);
      await waitFor(`a screen of ${columns}×${rows}`, () => {
        const lines = terminal.screen().split('\n');
        return what.test(terminal.screen()) && lines.length === rows && lines.every(line => line.length <= columns);
      });
    }
  });

  test('obeys its keys: panes, help, zoom, pause, filter', async () => {
    const terminal = watch();
    await terminal.sees(/bus +ok/);
    terminal.type('?');
    await terminal.sees(/lower case looks, upper case acts/);
    terminal.type('\x1b');
    await terminal.seesNo(/lower case looks/);
    terminal.type('4z');
    await terminal.seesNo(/1 Trades ─/);
    await terminal.sees(/4 Connection health ─/);
    terminal.type('z');
    await terminal.sees(/1 Trades ─/);
    terminal.type('p');
    await terminal.sees(/PAUSED/i);
    terminal.type('p');
    await terminal.seesNo(/PAUSED/i);
    terminal.type('1/nothing-like-this\r');
    await terminal.sees(/nothing-like-this/);
    terminal.type('q');
    expect((await terminal.ended()).exitCode).toBe(0);
  });

  test('vacuums a table by V, through the dialog, and records it in the audit log', async () => {
    const terminal = watch();
    await terminal.sees(/bus +ok/);
    terminal.type('V');
    await terminal.sees(/[1-9]\d* entries/);
    terminal.type('execution.trades\r');
    await terminal.sees(/\[ Cancel \]/);
    const dialog = await terminal.sees(/VACUUM \(.*ANALYZE.*\) "?execution"?\."?trades"?/);
    expect(dialog).toMatch(/reads and writes continue/);
    // Cancel has the focus: Enter runs nothing.
    terminal.type('\r');
    await terminal.seesNo(/\[ Cancel \]/);
    terminal.type('V');
    await terminal.sees(/[1-9]\d* entries/);
    terminal.type('execution.trades\r');
    await terminal.sees(/\[ Cancel \]/);
    const client = new pg.Client(desk.config);
    await client.connect();
    try {
      // A key that arrives together with the dialog does not answer it: press until it does.
      await waitFor(
        'the action to run',
        async () => {
          terminal.type('y');
          return !terminal.screen().includes('[ Cancel ]');
        },
        10_000,
      );
      await terminal.sees(/done/i);
      const {rows} = await client.query<{operation: string; result: string}>(
        "SELECT operation, result FROM shared.audit_log WHERE operation ILIKE '%vacuum%' ORDER BY id",
      );
      expect(rows.map(row => row.result)).toEqual(['started', 'done']);
      const {rows: stats} = await client.query(
        "SELECT vacuum_count::int AS n FROM pg_stat_user_tables WHERE relid = 'execution.trades'::regclass",
      );
      expect(stats[0].n).toBe(1);
    } finally {
      await client.end();
    }
  });

  test('verifies the set-up by v and shows the report', async () => {
    const terminal = watch();
    await terminal.sees(/bus +ok/);
    terminal.type('v');
    await terminal.sees(/Verification/);
    await terminal.sees(/\d+ pass/);
    await terminal.sees(/The eight schemas are there/);
  });

  test('refuses actions in read-only, and says why; O lifts it and sets it again, with a reason that is kept', async () => {
    const terminal = watch({env: {TRADETOP_ENVIRONMENT: 'prod'}});
    await terminal.sees(/PROD/);
    await terminal.sees(/bus +ok/);
    const footer = (): string => terminal.screen().trimEnd().split('\n').at(-1) ?? '';
    terminal.type('V');
    await terminal.sees(/V vacuum: read-only/);
    expect(terminal.screen()).not.toMatch(/entries/);
    expect(footer()).not.toMatch(/V vacuum/);
    const told = async (reason: string): Promise<void> => {
      terminal.type('O');
      await terminal.sees(/─ Read-only /);
      terminal.type(`${reason}\r`);
      // In PROD the name of the target is typed.
      await terminal.sees(new RegExp(`Type ${desk.name} to confirm`));
      // What arrives together with the dialog does not answer it.
      await waitFor('the name to be taken', async () => {
        terminal.type(`\x15${desk.name}`);
        return terminal.screen().includes(`confirm: ${desk.name}`);
      });
      terminal.type('\t\r');
      await terminal.sees(/● done[\s\S]*Esc close/);
      await waitFor('the outcome to be closed', async () => {
        const open = /Esc close/.test(terminal.screen());
        if (open) terminal.type('\x1b');
        return !open && /\? help|q quit/.test(footer());
      });
    };
    await told('feed stands still');
    await terminal.seesNo(/read-only/);
    terminal.type('V');
    await terminal.sees(/[1-9]\d* entries/);
    terminal.type('\x1b');
    await told('done with it');
    terminal.type('V');
    await terminal.sees(/V vacuum: read-only/);
    const client = new pg.Client(desk.config);
    await client.connect();
    try {
      const {rows} = await client.query(
        `SELECT result, detail->>'reason' AS why FROM shared.audit_log WHERE operation = 'read-only' ORDER BY id`,
      );
      expect(rows).toEqual([
        {result: 'started', why: 'feed stands still'},
        {result: 'done', why: null},
        {result: 'started', why: 'done with it'},
        {result: 'done', why: null},
      ]);
    } finally {
      await client.end();
    }
  });

  test('counts messages that it cannot decode, and lists the last ones by x', async () => {
    const terminal = watch();
    await terminal.sees(/bus +ok/);
    await publisher.publish('data_sync:trades', '{"type": "trade_executed", "data": {"price": NaN}}\x1b]0;owned\x07');
    await publisher.publish('data_sync:surprises', '{}');
    await terminal.sees(/rejected 2|2 messages rejected/);
    terminal.type('x');
    await terminal.sees(/data_sync:/);
    expect(terminal.raw()).not.toContain('\x1b]0;owned');
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('restores the terminal at %s', async signal => {
    const terminal = watch();
    await terminal.sees(/bus +ok/);
    process.kill(terminal.pid, signal);
    const {exitCode} = await terminal.ended();
    expect(exitCode).toBe({SIGTERM: 143, SIGINT: 130, SIGHUP: 129}[signal]);
    expect(terminal.restored()).toBe(true);
  });

  test('restores the terminal when it is stopped, and draws again after that', async () => {
    const terminal = watch();
    await terminal.sees(/bus +ok/);
    process.kill(terminal.pid, 'SIGTSTP');
    await waitFor('the terminal to be given back', () => terminal.restored());
    await terminal.seesNo(/4 Connection health/);
    await waitFor('it to be stopped', () => / T /.test(readFileSync(`/proc/${terminal.pid}/stat`, 'utf8')));
    process.kill(terminal.pid, 'SIGCONT');
    await terminal.sees(/4 Connection health/);
    terminal.type('q');
    expect((await terminal.ended()).exitCode).toBe(0);
  });

  test('ends when its terminal is gone, as after a lost SSH connection', async () => {
    const terminal = watch();
    await terminal.sees(/bus +ok/);
    terminal.hangUp();
    await waitFor('the console’s process to end', () => !alive(terminal.pid), 15_000);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)(
    'works on and ends at %s though its terminal takes nothing',
    async signal => {
      const terminal = watch();
      await terminal.sees(/bus +ok/);
      const client = new pg.Client(desk.config);
      await client.connect();
      const sessions = async (name: string): Promise<number> =>
        (await client.query('SELECT pid FROM pg_stat_activity WHERE application_name LIKE $1', [name])).rows.length;
      await await terminal.stall();
      // The header shows that it is paused: a frame that the terminal does not take.
      terminal.type('p');
      terminal.type('v');
      await waitFor('a key to be obeyed', async () => (await sessions('tradetop verify')) > 0);
      process.kill(terminal.pid, signal);
      await waitFor('the console’s process to end', () => !alive(terminal.pid), 10_000);
      await waitFor('its sessions to be gone', async () => (await sessions('tradetop watch')) === 0);
      await client.end();
    },
  );
});

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('when a server goes away', () => {
  let postgres: FaultProxy;
  let redis: FaultProxy;
  beforeAll(async () => {
    const shared = await servers();
    postgres = await startProxy(shared.postgres);
    redis = await startProxy({host: '127.0.0.1', port: bus.port});
  });
  afterAll(async () => {
    await postgres.close();
    await redis.close();
  });
  afterEach(async () => {
    await Promise.all([postgres.set('pass'), redis.set('pass')]);
  });
  const behind = () => ({
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: String(postgres.port),
    REDIS_URL: bus.url.replace(/:\d+(\/|$)/, `:${redis.port}$1`),
  });

  test.each(['refuse', 'blackhole'] as const)(
    'keeps PostgreSQL’s last rows with age and reason, and goes on by itself (%s)',
    async mode => {
      const client = new pg.Client(desk.config);
      await client.connect();
      await client.query(
        "INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('ACC-09', 'KEPT', 3, 10) ON CONFLICT DO NOTHING",
      );
      await client.end();
      const terminal = watch({env: behind()});
      await terminal.sees(/KEPT/);
      await terminal.sees(/trading +ok/);
      await postgres.set(mode);
      const screen = await terminal.sees(/2 Positions.*(down|no answer|stale)/, 20_000);
      expect(screen).toMatch(/KEPT/);
      await terminal.sees(/trading +(down|no answer|stale)/);
      await postgres.set('pass');
      await terminal.seesNo(/2 Positions.*(down|no answer|stale)/, 20_000);
    },
  );

  test('reports that the bus is down, counts the gap, and receives again', async () => {
    const terminal = watch({env: behind()});
    await terminal.sees(/bus +ok/);
    await redis.set('refuse');
    await terminal.sees(/bus +(down|connecting)/, 20_000);
    await redis.set('pass');
    await terminal.sees(/bus +ok/, 20_000);
    await publisher.publish('data_sync:trades', pythonTrade('T-py-2', 'AGAIN', nowMicros()));
    await terminal.sees(/AGAIN/);
  });
});

describe('what cannot work is reported in a sentence', () => {
  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const {status, stdout, stderr} = spawnSync(process.execPath, [program, ...args], {
      env: {...process.env, ...env, ...more},
      encoding: 'utf8',
      input: '',
      timeout: 60_000,
    });
    return {status, stdout, stderr};
  };

  test.each([
    ['a wrong port', {POSTGRES_PORT: '1'}, /PostgreSQL at 127\.0\.0\.1:1\/.* does not answer/, /host and port/],
    [
      'a wrong password',
      {TRADING_DB_PASSWORD: 'hunter2'},
      /refuses user postgres.*password authentication failed/,
      /TRADING_DB_PASSWORD/,
    ],
    ['a wrong database', {TRADING_DB_NAME: 'nowhere'}, /database "nowhere" does not exist/, /tradetop setup/],
    ['a database that is not set up', {TRADING_DB_NAME: 'postgres'}, /is not set up/, /tradetop setup/],
    [
      'a wrong Redis port',
      {REDIS_URL: 'redis://127.0.0.1:1/0'},
      /Redis at 127\.0\.0\.1:1 does not answer/,
      /REDIS_URL|port/,
    ],
    ['a port that is none', {POSTGRES_PORT: 'x'}, /POSTGRES_PORT is "x"/, /Correct POSTGRES_PORT/],
  ])('%s', (_, more, message, next) => {
    for (const command of ['watch', 'snapshot']) {
      const {status, stderr, stdout} = run([command], more as Record<string, string>);
      expect({command, status, stdout}).toEqual({command, status: 2, stdout: ''});
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(next);
      expect(stderr).not.toMatch(/ at \w+ \(|hunter2/);
      expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
    }
  });

  test('a wrong Redis password, without repeating it', () => {
    const {status, stderr} = run(['snapshot'], {REDIS_URL: bus.url.replace(/:\/\/:[^@]*@/, '://:hunter3@')});
    expect(status).toBe(2);
    expect(stderr).toMatch(/Redis at .* refuses the connection: WRONGPASS/);
    expect(stderr).not.toContain('hunter3');
  });

  test.each([
    [['nonsense'], /There is no command nonsense/],
    [['watch', '--nonsense'], /nonsense/],
    [['watch', 'word'], /takes no words/],
    [['watch', '--password', 'x'], /password on the command line/],
    [['snapshot', '--pane', 'nowhere'], /There is no pane nowhere/],
    [['snapshot', '--csv'], /CSV has the columns of one pane/],
    [['snapshot', '--csv', '--json', '--pane', 'trades'], /exclude each other/],
  ])('%j', (args, message) => {
    const {status, stderr} = run(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('without a terminal', () => {
  test('watch prints one snapshot without escapes', () => {
    const {status, stdout} = spawnSync(process.execPath, [program], {
      env: {...process.env, ...env},
      encoding: 'utf8',
      input: '',
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/Trades:/);
    expect(stdout).not.toContain('\x1b');
  });

  test('snapshot --json is one document with every pane', () => {
    const {status, stdout} = spawnSync(process.execPath, [program, 'snapshot', '--json'], {
      env: {...process.env, ...env},
      encoding: 'utf8',
      input: '',
    });
    expect(status).toBe(0);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(['at', 'environment', 'server', 'redis', 'panes', 'alerts', 'unread']);
    expect(Object.keys(document.panes)).toEqual(PANES.map(pane => pane.id));
    expect(document.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(document.environment).toBe('dev');
  });
});
