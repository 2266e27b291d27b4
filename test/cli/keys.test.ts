import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {Redis} from 'ioredis';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {isoMicros, nowMicros} from '../../src/core/time.ts';
import {type Context, EVERYWHERE} from '../../src/input/binding.ts';
import {BINDINGS, type Binding, bindingOf} from '../../src/input/bindings.ts';
import {type Key, keyLabel} from '../../src/input/keys.ts';
import {envOf, openConsole} from '../helpers/desk/console.ts';
import {cloneDesk} from '../helpers/desk/desk.ts';
import type {Terminal} from '../helpers/servers/pty.ts';
import {type Database, ownRedis, runSql} from '../helpers/servers/servers.ts';
import {waitFor} from '../helpers/servers/wait.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

/** The cells of a generated table of the README, without its head. */
function tableOf(name: string): readonly (readonly string[])[] {
  const table = readme.split(`<!-- docs:${name} -->\n`)[1]?.split(`<!-- /docs:${name} -->`)[0] ?? '';
  const lines = table.trim().split('\n').slice(2);
  return lines.map(line =>
    line
      .split(/(?<!\\)\|/)
      .map(cell => cell.trim())
      .slice(1, -1),
  );
}

/** The texts between backquotes. */
const quoted = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1] as string);

/** The binding that a row of the keys table describes: it has that sentence, and all of these keys. */
const bindingOfRow = ([keys = '', help]: readonly string[]): Binding | undefined =>
  BINDINGS.find(b => b.help === help && quoted(keys).every(label => b.keys.some(key => keyLabel(key) === label)));

/** Every key that README's keys table names, with its binding. */
const namedKeys = tableOf('keys').flatMap(row => {
  const binding = bindingOfRow(row);
  const keys = binding?.keys.filter(key => quoted(row[0] ?? '').includes(keyLabel(key))) ?? [];
  return binding ? keys.map(key => ({key, binding})) : [];
});

const BYTES: Readonly<Record<Key, string>> = {
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  home: '\x1b[H',
  end: '\x1b[F',
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  'shift-tab': '\x1b[Z',
  backspace: '\x7f',
};

/** A key as a terminal sends it. */
const bytesOf = (key: Key): string =>
  key.startsWith('ctrl-') ? String.fromCharCode(key.charCodeAt(5) - 96) : (BYTES[key] ?? key);

/** Keys that are typed, and what the screen then shows. */
type Step = readonly [keys: string, seen: RegExp];

const VERIFIED = /Verification(?![\s\S]*verifying)[\s\S]*\d pass/;

/** How each context is reached from the panes, and how the screen tells that it is there. */
const WAYS: Readonly<Record<Context, readonly Step[]>> = {
  panes: [['2', /─ 2 Positions /]],
  filter: [['/', /\/▏/]],
  chooser: [['V', /VACUUM ANALYZE: of what\?[\s\S]*\(whole\)/]],
  palette: [[':', /─ Commands ─/]],
  form: [['N', /─ New risk limit [\s\S]*type +\S?▏/]],
  act: [['L', /\[ Cancel ] +Run/]],
  help: [['?', /─ Keys ─/]],
  details: [
    ['1', /─ 1 Trades /],
    ['\r', /16 columns/],
  ],
  history: [
    ['2', /─ 2 Positions /],
    ['h', /another number/],
  ],
  checks: [['v', VERIFIED]],
  rejects: [['x', /▸ +\d+s/]],
  reject: [
    ['x', /▸ +\d+s/],
    ['\r', /\d of \d+ so far/],
  ],
  explain: [
    ['3', /─ 3 Slow queries [\s\S]*▸ /],
    ['e', /Plan of the statement[\s\S]*(?:cost=|no plan)/],
  ],
  position: [
    ['2', /─ 2 Positions /],
    ['\x1b[C', /─ Trades of [\s\S]*the position has/],
  ],
  report: [['o', /─ Hand-over [\s\S]*Open now/]],
  trace: [
    ['1', /─ 1 Trades /],
    ['l', /Life of T-[\s\S]*(?:Whole|Missing|no table knows)/],
  ],
  waits: [
    [':', /─ Commands ─/],
    ['pane sessions', /▸[^\n]*go to the pane Sessions/],
    ['\r', /Sessions & locks [\s\S]*▸ /],
    ['t', /Waits of pid \d+[\s\S]*(?:\d samples|gone)/],
  ],
};

const TOP = /\b1–\d+ of/;
const BELOW_TOP = /\b(?:[2-9]|\d\d+)–\d+ of/;
const BOTTOM = /–(\d+) of \1\b/;

/** What must be done first so that a command has an effect: the selection that goes up must not be at the top. */
function preparation({id}: Binding, key: Key, context: Context): readonly Step[] {
  const choices = context === 'chooser' || context === 'palette';
  const down: Step = choices || context === 'act' ? ['\x1b[6~', BELOW_TOP] : ['G', BOTTOM];
  const up: Step = choices ? ['\x15', TOP] : context === 'act' ? ['\x1b[5~', TOP] : ['g', TOP];
  // Both ways: the second step then changes the screen for certain.
  if (id === 'up' || id === 'page_up' || id === 'first') return [up, down];
  if (id === 'down' || id === 'page_down' || id === 'last') return [down, up];
  if (id === 'pane') return [key === '1' ? ['2', /─ 2 Positions /] : ['1', /─ 1 Trades /]];
  if ((id === 'erase' || id === 'clear') && context !== 'act') return [['\x15e', /e▏/]];
  return id === 'back' && context === 'panes' ? [['z', /^(?![\s\S]*\n 5 Sync)/]] : [];
}

/** What must be done afterwards, so that the next key finds the screen as the others do. */
function restoration({id}: Binding, context: Context): readonly Step[] {
  if (id === 'pause') return [['p', /^(?![\s\S]*PAUSED)/]];
  if (id === 'next_view') return [['[', /─ 2 Positions /]];
  if (id === 'previous_view') return [[']', /─ 2 Positions /]];
  if (id === 'verify') return [['', VERIFIED]];
  return id === 'confirm' && context === 'act' ? [['', /● done/]] : [];
}

/** The screen without what changes without a key: clock, ages, rates, the lines of panes that are not in focus. */
const still = (screen: string): string =>
  screen
    .replaceAll(/^ (\d [A-Z][\w ]{18}).*$/gm, '$1')
    .replaceAll(/\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, '#')
    .replaceAll(/\b\d+(?:\.\d+)?(?:\/min| ?(?:ms|[smhd])\b)(?!.*operator)/g, '#')
    .replaceAll(/[▁▂▃▄▅▆▇█]+/g, '#')
    .replaceAll(/ +/g, ' ');

let desk: Database;
let bus: Awaited<ReturnType<typeof ownRedis>>;
let publisher: Redis;
const open: Terminal[] = [];

beforeAll(async () => {
  desk = await cloneDesk();
  await runSql(
    desk.config,
    `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price)
     SELECT 'ACC-0' || n % 3, 'S' || n, n, 10 FROM generate_series(1, 40) AS n`,
  );
  bus = await ownRedis();
  publisher = new Redis(bus.url);
});
afterEach(async () => {
  for (const terminal of open.splice(0)) terminal.kill('SIGKILL');
  const channel = 'data_sync:trades';
  await waitFor('the console to be gone', async () => (await publisher.publish(channel, '{}')) === 0);
});
afterAll(async () => {
  publisher.disconnect();
  await bus.stop();
  await desk.drop();
});

const tradeJson = (n: number): string => {
  const at = isoMicros(nowMicros());
  const data = {trade_id: `T-${n}`, order_id: 'O-1', account_id: 'ACC-01', symbol: `S${n}`, side: 'buy'};
  const figures = {quantity: '1', price: '10', executed_at: at, strategy: 'momentum', trade_type: 'opening'};
  const envelope = {type: 'trade_executed', service: 'execution', timestamp: at, correlation_id: `T-${n}`};
  return JSON.stringify({...envelope, data: {...data, ...figures}});
};

/** A console that has heard trades, and messages that it rejects. */
async function watch(env: Readonly<Record<string, string>> = {}): Promise<Terminal> {
  const terminal = openConsole(['watch'], {
    columns: 80,
    rows: 18,
    env: {...envOf(desk, {redis: bus}), TRADETOP_REFRESH_MS: '10000', ...env},
  });
  open.push(terminal);
  await waitFor(
    'the console to subscribe',
    async () => (await publisher.publish('data_sync:trades', '{}')) > 0,
    30_000,
  );
  for (let n = 0; n < 30; n++) {
    await publisher.publish('data_sync:trades', tradeJson(n));
    await publisher.publish('data_sync:trades', `no JSON ${'x'.repeat(1500)}`);
  }
  // Every source has answered, and the alert about the messages is there.
  await terminal.sees(/PG [\d.]+ ●.* [▲✖] \d/);
  await home(terminal);
  await terminal.sees(/S40/);
  return terminal;
}

const FRAME_BEGINS = '\x1b[?2026h';
const FRAME_ENDS = '\x1b[?2026l';

/** A frame without what changes without a key, and its note: a note that disappears is not an effect. */
type Frame = {readonly body: string; readonly note: string};

/** The next complete frame: the emulator also shows partial ones, which would look like an effect. */
async function frame(terminal: Terminal): Promise<Frame> {
  let bytes = -1;
  await waitFor('a complete frame', () => {
    const raw = terminal.raw();
    const whole = raw.length === bytes && raw.lastIndexOf(FRAME_ENDS) >= raw.lastIndexOf(FRAME_BEGINS);
    bytes = raw.length;
    return whole;
  });
  const lines = terminal.screen().split('\n');
  const [bar = ''] = lines.splice(-2, 1);
  // Alerts begin with their sign.
  return {body: still(lines.join('\n')), note: /^ [▲✖▸●]/.test(bar) ? '' : bar.trim()};
}

const differs = (was: Frame, now: Frame): boolean =>
  now.body !== was.body || (now.note !== '' && now.note !== was.note);

/** The way to the first view. */
const TO_MAIN: readonly Step[] = [
  [':', /─ Commands ─/],
  ['to the view main', /▸[^\n]*go to the view Main/],
  ['\r', / 1 Trades /],
];

/** Goes back to the panes: leaves what is open, the zoom and an action that has ended. */
async function home(terminal: Terminal): Promise<void> {
  await waitFor('the panes', async () => {
    const was = await frame(terminal);
    const screen = terminal.screen();
    if (/: commands/.test(screen) && !/Archive old logs/.test(screen)) return true;
    terminal.type('\x1b');
    await waitFor('the screen to change', async () => differs(was, await frame(terminal)), 1000).catch(() => {});
    return false;
  });
  if (/Sessions & locks/.test(terminal.screen())) for (const each of TO_MAIN) await step(terminal, each);
  await step(terminal, ['2', /─ 2 Positions /]);
}

async function step(terminal: Terminal, [keys, seen]: Step): Promise<void> {
  if (keys !== '') terminal.type(keys);
  await terminal.sees(seen);
}

/** Goes to a context, unless the screen shows what its last step shows. */
async function enter(terminal: Terminal, context: Context): Promise<void> {
  const last = WAYS[context].at(-1)?.[1];
  if (context !== 'panes' && last?.test(terminal.screen())) return;
  await home(terminal);
  for (const each of WAYS[context]) await step(terminal, each);
}

/** Times that the program drew the whole screen. */
const clearings = (terminal: Terminal): number => terminal.raw().split('\x1b[2J').length;

/** Times that the program took the alternate screen. */
const taken = (terminal: Terminal): number => terminal.raw().split('\x1b[?1049h').length;

/** The commands that end the program: each needs a console of its own. */
const ENDINGS = ['quit', 'quit_now'];

/** The commands that scroll: the plan of a short statement, a few waits and trades have nothing to scroll, and they are those of the other texts. */
const SCROLLING = ['up', 'down', 'page_up', 'page_down', 'first', 'last'];

/** The commands that erase a target’s name, which only PROD asks for. */
const ERASING = ['erase', 'clear'];

const takesName = ({id, in: contexts}: Binding): boolean => contexts.includes('act') && ERASING.includes(id);

/** Presses a key in a context and waits for its effect. */
async function typeKey(terminal: Terminal, context: Context, key: Key, binding: Binding): Promise<void> {
  await enter(terminal, context);
  for (const each of preparation(binding, key, context)) await step(terminal, each);
  const was = await frame(terminal);
  const times = taken(terminal);
  if (binding.id === 'confirm') {
    // A key that comes with the dialog itself is not taken for an answer to it.
    await waitFor('the action to run', async () => {
      terminal.type(bytesOf(key));
      return differs(was, await frame(terminal));
    });
  } else if (binding.id === 'repaint') {
    const cleared = clearings(terminal);
    terminal.type(bytesOf(key));
    await waitFor('the screen to be drawn again', () => clearings(terminal) > cleared);
  } else if (binding.id === 'suspend') {
    terminal.type(bytesOf(key));
    await waitFor('the program to stop', () => / T /.test(readFileSync(`/proc/${terminal.pid}/stat`, 'utf8')));
    process.kill(terminal.pid, 'SIGCONT');
    await waitFor('the screen to be taken again', () => taken(terminal) > times);
  } else {
    terminal.type(bytesOf(key));
    await waitFor('an effect', async () => differs(was, await frame(terminal)), 5000);
  }
  expect(terminal.screen()).not.toContain('does nothing here');
  for (const each of restoration(binding, context)) await step(terminal, each);
}

describe('README', () => {
  test('names keys that have bindings, and every binding', () => {
    const rows = tableOf('keys');
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter(row => bindingOfRow(row) === undefined)).toEqual([]);
    expect(new Set(rows.map(bindingOfRow)).size).toBe(BINDINGS.length);
  });

  test('names for each action the key that starts it', () => {
    const keys = tableOf('actions').flatMap(([id = '', key = '']) => quoted(key).map(k => [quoted(id)[0], k]));
    expect(keys.length).toBeGreaterThan(5);
    for (const [id, key] of keys) expect(bindingOf(key as Key, 'panes')?.action?.id, key).toBe(id);
  });
});

describe('every key that README names has an effect', () => {
  test.each(EVERYWHERE)('in %s', async context => {
    const terminal = await watch();
    const keys = namedKeys.filter(({binding}) => binding.in.includes(context) && !ENDINGS.includes(binding.id));
    expect(keys.length).toBeGreaterThan(5);
    const scrolls = ({id}: Binding): boolean =>
      ['explain', 'waits', 'trace', 'position'].includes(context) && SCROLLING.includes(id);
    for (const {key, binding} of keys.filter(each => !takesName(each.binding) && !scrolls(each.binding))) {
      await typeKey(terminal, context, key, binding).catch((error: Error) => {
        throw new Error(`${keyLabel(key)} (${binding.id}): ${error.message}\n${terminal.screen()}`);
      });
    }
    await enter(terminal, context);
    terminal.type('\x03');
    expect(await terminal.ended()).toEqual({exitCode: 0, signal: 0});
  });

  test('the key of an action opens its chooser, or its dialog with the gate’s answer; in PROD the name is typed', async () => {
    const terminal = await watch({TRADETOP_ENVIRONMENT: 'prod', TRADETOP_READ_ONLY: '0'});
    const started = BINDINGS.filter(({id}) => id === 'start_action');
    expect(started.length).toBeGreaterThan(5);
    for (const {keys, action} of started) {
      await home(terminal);
      terminal.type(bytesOf(keys[0] ?? ''));
      if (action?.id === 'set-limit') {
        await terminal.sees(/select a limit in Risk/);
        continue;
      }
      if (action?.targets.includes('sessions')) {
        // A position has none.
        await terminal.sees(/select a session in Sessions/);
        continue;
      }
      await terminal.sees(
        new RegExp(`─ ${action?.title}(?:: of what\\?| [\\w.]+ ─[\\s\\S]*\\[ Cancel ]|[\\s\\S]*show the plan)`),
      );
      if (action?.id === 'rotate-secrets') await terminal.sees(/✖ .*TRADETOP_SECRET_KEY/);
      if (action?.id !== 'archive-logs') continue;
      // Text that comes with the dialog itself is not taken.
      await waitFor('text to be taken', async () => {
        terminal.type('l');
        await frame(terminal);
        return /to confirm: l/.test(terminal.screen());
      });
      for (const {key, binding} of namedKeys.filter(each => takesName(each.binding))) {
        await step(terminal, ['\x15log', /to confirm: log▏/]);
        await step(terminal, [bytesOf(key), binding.id === 'clear' ? /to confirm: ▏/ : /to confirm: lo▏/]);
      }
    }
  });

  test('without a key only clock and ages change; q ends the console', async () => {
    const terminal = await watch();
    let was = await frame(terminal);
    const seconds = new Set<string>();
    await waitFor('two more seconds in which nothing else changes', async () => {
      const now = await frame(terminal);
      // Its panes get their first rows one after another.
      if (JSON.stringify(now) !== JSON.stringify(was)) seconds.clear();
      was = now;
      seconds.add(/\d\d:\d\d:\d\dZ/.exec(terminal.screen())?.[0] ?? '');
      return seconds.size > 2;
    });
    terminal.type('q');
    expect(await terminal.ended()).toEqual({exitCode: 0, signal: 0});
  });
});
