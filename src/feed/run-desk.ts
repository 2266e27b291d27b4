import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {openRedis} from '../io/redis.ts';
import {firstAnswer, unusableRedis} from '../io/redis-answer.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget, RedisTarget} from '../io/targets.ts';
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

const REDIS_MS = 5000;
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
    await Promise.all([
      firstAnswer(redis, {limitMs: REDIS_MS, retries: true}).catch((error: unknown) => {
        throw unusableRedis(options.redis, error);
      }),
      lock.take().catch(error => refuse(error, services.execution)),
    ]);
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
