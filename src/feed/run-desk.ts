import {redisWords} from '../bus/link.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {openRedis, type RedisClient} from '../io/redis.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {type PgTarget, type RedisTarget, redisName} from '../io/targets.ts';
import {furnish, runClerks} from './clerks.ts';
import {createTallies} from './counters.ts';
import {createDeskLock} from './desk-lock.ts';
import {createJournal} from './journal.ts';
import {openDesk, refuse} from './open-desk.ts';
import {createOutbox} from './outbox.ts';
import {openServices} from './services.ts';
import {runTrading} from './trading.ts';

export type DeskOptions = {
  readonly trading: PgTarget;
  readonly redis: RedisTarget;
  readonly sql: SqlLibrary;
  /** Where the services' passwords are: SVC_EXECUTION_PASSWORD and so on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Trades a second. */
  readonly rate: number;
  readonly seed: number;
  readonly slowMs: number;
  /** Told a line now and then; nothing else is written anywhere. */
  readonly say: (line: string) => void;
};

export type DeskCounts = {readonly trades: number; readonly published: number; readonly dropped: number};

const WORK_MS = 1000;
const LAST_MS = 1500;

/**
 * Runs the simulated desk until `signal` says stop: it trades, writes, publishes. While PostgreSQL or Redis is away it
 * waits and begins again by itself. Throws a UserError where it cannot begin.
 */
export async function runDesk(options: DeskOptions, signal: AbortSignal): Promise<DeskCounts> {
  const {seed, rate, say} = options;
  const services = openServices(options.trading, options.sql, options.env, options.slowMs);
  const redis = openRedis(options.redis, {name: 'tradetop feed', offline: 'fail'});
  const lock = createDeskLock(services.execution.pg);
  try {
    await Promise.all([answers(redis, options.redis), lock.take().catch(error => refuse(error, services.execution))]);
    await furnish(services).catch(error => refuse(error, services.strategy_engine));
    const {desk, older} = await openDesk(services, seed);
    const outbox = createOutbox(redis);
    const [journal, tallies] = [createJournal(), createTallies()];
    const onFailure = createTeller(say);
    let trades = 0;
    const onBatch = (batch: Parameters<typeof tallies.add>[0]): void => {
      trades += batch.trades.length;
      tallies.add(batch);
      const [trade] = batch.trades;
      if (trade) journal.add('execution', 'INFO', 'trade_executed', `${trade.side} ${trade.symbol}`, trade.tradeId);
    };
    const office = {desk, older, services, outbox, journal, tallies, seed, onFailure};
    const trading = {desk, execution: services.execution, outbox, rate, seed, onBatch, onFailure};
    const working = Promise.all([runTrading(trading, signal), runClerks(office, signal)]);
    const telling = setInterval(() => say(`${trades} trades, ${JSON.stringify(outbox.counts())}`), 1000);
    // The outbox ends after those who put into it: what was committed last is published too.
    const over = new AbortController();
    const publishing = outbox.run(over.signal, LAST_MS);
    await within(working, signal);
    over.abort();
    await publishing;
    clearInterval(telling);
    return {trades, published: outbox.counts().published, dropped: outbox.counts().dropped};
  } finally {
    redis.disconnect();
    lock.close();
    await services.close();
  }
}

// What still runs on a server that does not answer is left to its pool's end.
async function within(working: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const late = new Promise<void>(resolve =>
    signal.addEventListener('abort', () => setTimeout(resolve, WORK_MS).unref(), {once: true}),
  );
  await Promise.race([working, late]);
}

async function answers(redis: RedisClient, target: RedisTarget): Promise<void> {
  let last: unknown = new Error('no answer within 5 s');
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  const fail = (error: unknown): void => {
    const {next, why} = failureOf(error);
    const what = why === 'denied' ? 'refuses us' : 'does not answer';
    const message = `Redis at ${redisName(target)} ${what}: ${redisWords(error, target.password())}.`;
    reject(new UserError(message, next || 'Check REDIS_URL.'));
  };
  const onError = (error: unknown): void => {
    last = error;
    if (failureOf(error).why === 'denied') fail(error);
  };
  redis.on('ready', resolve);
  redis.on('error', onError);
  const timer = setTimeout(() => fail(last), 5000);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    redis.off('ready', resolve);
    redis.off('error', onError);
  }
}

// The same trouble is told once in ten seconds.
function createTeller(say: DeskOptions['say']): (what: string, error: unknown) => void {
  const told = new Map<string, number>();
  return (what, error) => {
    const line = `${what}: ${sanitise(failureOf(error).message, 300)}`;
    const now = performance.now();
    if (now - (told.get(line) ?? Number.NEGATIVE_INFINITY) < 10_000) return;
    if (told.size > 100) told.clear();
    told.set(line, now);
    say(line);
  };
}
