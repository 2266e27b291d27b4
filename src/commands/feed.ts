import type {ConfigFlags} from '../config/config.ts';
import {envOf} from '../config/settings.ts';
import {UserError} from '../core/errors.ts';
import {clock, nowMicros} from '../core/time.ts';
import {runDesk} from '../feed/run-desk.ts';
import {SYMBOLS} from '../feed/universe.ts';
import {END_SIGNALS, onSignals} from '../io/signals.ts';
import {loadSql} from '../io/sql.ts';
import {defineCommand} from './shared/command.ts';

const DEFAULT_RATE = 5;
const DEFAULT_SEED = 1;
const MAX = {rate: 20_000, seed: 999_999_999, seconds: 31_536_000} as const;

/** `tradetop feed`: the simulated desk alone, on any database that is set up. */
export const feedCommand = defineCommand({
  name: 'feed',
  summary: 'a simulated trading desk: writes trades and publishes them',
  details: [
    'Writes orders, trades, positions, bars and logs to the trading database, then publishes on data_sync:trades,',
    'data_sync:positions and data_sync:market_data. The same seed gives the same trades, T-SEED-00000001 and on; a later',
    'run on the same database continues where the last one ended. On an empty database it begins with a day of history.',
    'Each service connects as its role svc_NAME where SVC_NAME_PASSWORD is set, else as the configured user.',
  ].join('\n'),
  flags: {
    rate: {type: 'number', value: 'N', help: `trades a second (${DEFAULT_RATE})`},
    seed: {type: 'number', value: 'S', help: `seed of the random numbers (${DEFAULT_SEED})`},
    streams: {type: 'boolean', help: 'also append every event to the stream that sync --mode streams reads'},
    without: {type: 'string', value: 'SYMBOL', help: 'send no prices of this symbol, as when its source is silent'},
    seconds: {type: 'number', value: 'N', help: 'stop after N seconds (default: at a signal)'},
    verbose: {type: 'boolean', help: 'report on stderr every second'},
  },
  run: async ({flags, config}) => {
    const {rate = DEFAULT_RATE, seed = DEFAULT_SEED, seconds, streams = false, without, verbose = false} = flags;
    check('rate', rate > 0 && rate <= MAX.rate, `a number above 0 and at most ${MAX.rate}`);
    check('seed', Number.isInteger(seed) && seed >= 0 && seed <= MAX.seed, `a whole number from 0 to ${MAX.seed}`);
    check('seconds', seconds === undefined || (seconds > 0 && seconds <= MAX.seconds), 'a number above 0');
    check('without', without === undefined || SYMBOLS.includes(without), `one of ${SYMBOLS.join(', ')}`);
    const {trading, redis, environment, readOnly, slowMs} = config();
    if (environment === 'prod' || readOnly) {
      throw new UserError(
        `The simulated desk does not trade ${readOnly ? 'where everything is read-only' : 'in prod'}.`,
        'Run it on a database of its own, with --environment dev.',
      );
    }
    const env = envOf(flags as ConfigFlags);
    const say = (line: string) => void (verbose && process.stderr.write(`${clock(nowMicros())}Z ${line}\n`));
    const ending = endOf(seconds);
    await runDesk({trading, redis, sql: loadSql(), env, rate, seed, streams, without, slowMs, say}, ending);
    return 0;
  },
});

function check(name: string, right: boolean, what: string): void {
  if (!right) throw new UserError(`--${name} must be ${what}.`, 'See tradetop feed --help.');
}

function endOf(seconds: number | undefined): AbortSignal {
  const ending = new AbortController();
  onSignals(END_SIGNALS, () => ending.abort(), {once: true});
  if (seconds !== undefined) setTimeout(() => ending.abort(), Math.min(seconds * 1000, 2 ** 31 - 1));
  return ending.signal;
}
