import {fstatSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Incidents} from '../app/incidents.ts';
import {tradesKind} from '../bus/kinds/trades.ts';
import {subscribe} from '../bus/subscribe.ts';
import {type Config, type ConfigFlags, loadConfig} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {duration} from '../core/format.ts';
import {dashed} from '../core/name-case.ts';
import {unknownWord} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {connectionless} from '../demo/demo-env.ts';
import {INCIDENTS} from '../demo/incidents/runner.ts';
import type {DemoPlan, KeeperMessage} from '../demo/message.ts';
import {ended} from '../demo/pipe.ts';
import {type Demo, type StartedDemo, startDemo} from '../demo/start-demo.ts';
import {nextSignal} from '../io/signals.ts';
import {defineCommand} from './shared/command.ts';
import {loadConsole} from './shared/load-console.ts';

// A demo has servers of its own: these flags would name others.
const FOREIGN = [
  'profile',
  'config',
  'envFile',
  'environment',
  'host',
  'port',
  'database',
  'user',
  'redisUrl',
] as const;
const FIRST_TRADE_MS = 30_000;

/** `tradetop demo`: private servers, a simulated desk, and the console on them. It leaves nothing behind but what starts the next one faster. */
export const demoCommand = defineCommand({
  name: 'demo',
  summary: 'a whole trading desk on private servers, and the console on it',
  details: [
    'Starts a PostgreSQL (from the npm package) and a Redis of its own in a private directory, sets them up, and runs a',
    'simulated desk on them. However it ends, it leaves no process and no directory behind, but for a cache',
    '(~/.cache/tradetop) that makes the next start faster and may be removed at any time.',
    '',
    'Incidents are real troubles on these servers, to learn what the console says of them; the palette (key :) begins and ends',
    'them too:',
    ...INCIDENTS.map(({name, does}) => `  ${name.padEnd(17)} ${does}`),
  ].join('\n'),
  flags: {
    rate: {type: 'number', value: 'N', help: 'trades per second of the simulated desk'},
    seed: {type: 'number', value: 'N', help: 'the same seed gives the same trades'},
    incident: {
      type: 'string',
      value: 'NAMES',
      help: 'make trouble after 30 seconds: one of those above, or several, with commas',
    },
    headless: {type: 'boolean', help: 'no console: keep the servers until SIGTERM or the end of input'},
  },
  run: async ({flags}) => {
    const config = flags as ConfigFlags;
    const foreign = FOREIGN.find(name => config[name] !== undefined);
    if (foreign) {
      throw new UserError(
        `--${dashed(foreign)} cannot be used with demo, which has servers of its own.`,
        'Use: tradetop watch',
      );
    }
    const {rate, seed, incident, headless: alone} = flags;
    if (rate !== undefined && rate <= 0) throw new UserError('--rate must be above 0.');
    const plan: DemoPlan = {
      ...(rate === undefined ? {} : {rate}),
      ...(seed === undefined ? {} : {seed}),
      ...(incident === undefined ? {} : {incidents: incidentNames(incident)}),
    };
    return alone
      ? runDemo(plan, false, ({demo, lost}) => Promise.race([headless(demo), lost]))
      : runDemo(plan, true, running => onScreen(running, config));
  },
});

function incidentNames(text: string): readonly string[] {
  const names = text.split(',').map(name => name.trim());
  const known = INCIDENTS.map(({name}) => name);
  const wrong = names.find(name => !known.includes(name));
  if (wrong === undefined) return names;
  throw unknownWord('incident', wrong, known);
}

type Running = {
  readonly demo: Demo;
  readonly lost: Promise<never>;
  readonly incidents: Incidents;
};

type Use = (running: Running) => Promise<number>;

/** Starts a demo, uses it and stops it. While `use` draws on the screen, messages are held back until it has ended. */
async function runDemo(plan: DemoPlan, draws: boolean, use: Use): Promise<number> {
  const began = performance.now();
  // Loaded while the servers start.
  if (draws) loadConsole().catch(() => {});
  const entry = [...process.execArgv, process.argv[1] as string, 'demo-keeper'];
  let drawing = false;
  let tell: ((text: string) => void) | undefined;
  const held: string[] = [];
  const started = startDemo(entry, plan, message => {
    if (message.kind === 'incident') tell?.(incidentText(message));
    const line = progress(message, performance.now() - began);
    if (!line) return;
    if (drawing) held.push(line);
    else process.stderr.write(`${line}\n`);
  });
  const stopped = nextSignal();
  try {
    const first = await Promise.race([started.ready, stopped.code]);
    if (typeof first === 'number') return first;
    drawing = draws;
    stopped.ignore();
    const lost = lostDemo(started);
    lost.catch(() => {});
    const incidents: Incidents = {
      names: INCIDENTS.map(({name, does}) => ({name, does})),
      toggle: started.toggleIncident,
      onChange: listener => {
        tell = listener;
      },
    };
    return await use({demo: first, lost, incidents});
  } finally {
    await started.stop();
    for (const line of held) process.stderr.write(`${line}\n`);
    // A listener on stdin would keep this process alive.
    process.stdin.destroy();
  }
}

// Without its servers a console has nothing to show: it ends, and the reason is printed.
async function lostDemo(started: StartedDemo): Promise<never> {
  const why = await started.lost;
  throw new UserError(`The demo is over: ${sanitise(why)}.`, 'Its servers are stopped and its directory is removed.');
}

async function onScreen({demo, lost, incidents}: Running, flags: ConfigFlags): Promise<number> {
  const {watchConsole} = await loadConsole();
  // The log is in the demo's directory, so that nothing stays in the user's home.
  const env = {
    TRADETOP_LOG_FILE: join(dirname(demo.envFile), 'console.log'),
    ...connectionless(process.env),
    ...demo.env,
  };
  const config = loadConfig(flags, env);
  // A snapshot would otherwise be printed before the desk's first trade.
  if (!process.stdout.isTTY || !process.stdin.isTTY) await Promise.race([firstTrade(config), lost]);
  return watchConsole(config, {lost, incidents});
}

function firstTrade({redis}: Config): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>();
  const bus = subscribe(redis, {
    name: 'tradetop demo',
    kinds: [tradesKind],
    onEvent: () => resolve(),
    onReject: () => {},
    onLink: () => {},
  });
  const limit = setTimeout(resolve, FIRST_TRADE_MS);
  return promise.finally(() => {
    clearTimeout(limit);
    bus.close();
  });
}

function progress(message: KeeperMessage, sinceMs: number): string | undefined {
  const at = `${(sinceMs / 1000).toFixed(1)} s`.padStart(7);
  if (message.kind === 'step') return `${at}  ${sanitise(message.title)} (${duration(message.ms)})`;
  if (message.kind === 'say') return `${at}  ${sanitise(message.text)}`;
  if (message.kind === 'incident') return `${at}  ${incidentText(message)}`;
  if (message.kind === 'lost') return `${at}  ${sanitise(message.what)}`;
  return undefined;
}

const incidentText = ({name, phase, text}: Extract<KeeperMessage, {kind: 'incident'}>): string =>
  sanitise(`incident ${name} ${phase === 'failed' ? 'failed' : `has ${phase}`}: ${text}`);

/** Runs the servers for other programs until a signal, or the end of stdin where that is a pipe or a socket. */
async function headless({envFile}: Demo): Promise<number> {
  process.stdout.write(`export TRADETOP_DEMO_ENV=${envFile}\n`);
  process.stderr.write(`         ready: tradetop snapshot --env-file ${envFile}\n`);
  const {code} = nextSignal();
  const input = fstatSync(0);
  const pipe = input.isFIFO() || input.isSocket();
  return Promise.race([code, ...(pipe ? [ended(process.stdin).then(() => 0)] : [])]);
}
