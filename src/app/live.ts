import {once} from 'node:events';
import {createGate} from '../actions/gate.ts';
import * as actions from '../actions/index.ts';
import {type Subscription, subscribe} from '../bus/subscribe.ts';
import type {Config} from '../config/config.ts';
import {wantsColour} from '../core/colour.ts';
import {failureOf} from '../core/errors.ts';
import {redisName} from '../core/redis-url.ts';
import {sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Effect} from '../input/effect.ts';
import {defaultLogFile, type Log, openLog} from '../io/log.ts';
import {openPg, pgName} from '../io/pg.ts';
import {openRedis, type RedisClient} from '../io/redis.ts';
import {loadSql, type SqlLibrary} from '../io/sql.ts';
import type {About, SampleId, State} from '../model/state.ts';
import * as pollers from '../monitor/index.ts';
import {MONITOR_PG} from '../monitor/poller.ts';
import {redisIo} from '../monitor/redis-io.ts';
import {type Pollers, pollOnce, startPollers} from '../monitor/run.ts';
import type {Sample} from '../monitor/sample.ts';
import type {TradeRow} from '../monitor/trades.ts';
import {type BusCounters, createBusCounters} from '../store/bus-counters.ts';
import {createStore, type Store} from '../store/store.ts';
import {initialUi} from '../store/ui.ts';
import {runChecks} from '../verify/run.ts';
import {type ActionRunner, createActionRunner} from './action-runner.ts';
import {createReleaser} from './endings.ts';
import {preflight} from './preflight.ts';

/** Everything that collects, and everything that a person can set going: the console without its screen. */
export type Live = {
  readonly store: Store;
  readonly log: Log;
  /** Does what a key asked for; what only a terminal can do is the console's. */
  readonly runEffect: (effect: Effect) => void;
  /** Starts the loops that ask again and again. */
  readonly start: () => void;
  /** Asks everything once, twice `gapMs` apart where there are rates, for a screen that is printed and not kept. */
  readonly once: (gapMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type LiveOptions = {
  /** How our connections are named on the servers. */
  readonly name: string;
  /** Start although a server does not answer. */
  readonly wait: boolean;
  readonly mayDraw?: () => boolean;
};

/** Connects to the servers and joins bus, polls and actions in one store. Rejects with a UserError that says what to mend. */
export async function openLive(config: Config, options: LiveOptions): Promise<Live> {
  const releaser = createReleaser();
  const sql = loadSql();
  const log = openLog(config.logFile ?? defaultLogFile());
  const trading = openPg(config.trading, sql, {name: options.name, max: 1, ...MONITOR_PG});
  const prefect = openPg(config.prefect, sql, {name: options.name, max: 1, ...MONITOR_PG});
  releaser.add('PostgreSQL', () => Promise.all([trading.close(), prefect.close()]));
  try {
    await preflight(config, trading, options.wait);
  } catch (error) {
    await releaser.release();
    throw error;
  }
  const redis = openRedis(config.redis, {name: options.name, offline: 'fail'});
  releaser.add('Redis', () => redis.disconnect());

  const counters = createBusCounters({now: nowMicros});
  const store: Store = createStore({
    about: aboutOf(config),
    ui: initialUi({refreshMs: config.refreshMs, readOnly: config.readOnly}),
    bus: at => counters.snapshot(at),
    pools: () => ({trading: trading.counts(), prefect: prefect.counts()}),
    now: nowMicros,
    ...(options.mayDraw ? {mayDraw: options.mayDraw} : {}),
  });
  releaser.add('store', store.close);

  releaser.add('bus', hear(config, options.name, counters, store, log).close);

  const gate = createGate({
    config,
    sql,
    actions: Object.values(actions),
    name: `${options.name} action`,
    readOnly: () => store.get().ui.readOnly,
  });
  releaser.add('gate', gate.close);
  let loops: Pollers<SampleId> | undefined;
  const desk = createActionRunner(gate, store, () => loops?.refreshNow(['tables', 'vacuum']));
  releaser.add('action', desk.close);
  const polling = {
    pollers: Object.values(pollers),
    io: {trading, prefect, redis: redisIo(redis)},
    settings: {slowMs: config.slowMs, prefectDatabase: config.prefect.database},
    onSample: taking(counters, store, log),
  };
  releaser.add('polls', () => loops?.stop());

  return {
    store,
    log,
    start: () => {
      loops ??= startPollers({...polling, refreshMs: config.refreshMs});
    },
    once: async gapMs => {
      await readyWithin(redis, 1500);
      await pollOnce({...polling, gapMs});
    },
    runEffect: effect =>
      runEffect(effect, {
        store,
        desk,
        config,
        sql,
        loops,
        gateTitle: id => gate.actions.find(a => a.id === id)?.title ?? id,
      }),
    close: async () => {
      await releaser.release();
    },
  };
}

/** Subscribes: every event goes to the counters. Of messages that are not taken one a second is logged, so that a flood of them costs nothing. */
function hear(config: Config, name: string, counters: BusCounters, store: Store, log: Log): Subscription {
  let loggedAt = Number.NEGATIVE_INFINITY;
  let state = '';
  return subscribe(config.redis, {
    name,
    onEvent: event => {
      counters.ingest(event);
      store.touch();
    },
    onReject: reject => {
      counters.reject(reject);
      store.touch();
      if (performance.now() - loggedAt < 1000) return;
      loggedAt = performance.now();
      const {channel, reason, detail, bytes} = reject;
      log.warn({channel, reason, detail, bytes}, 'message not taken');
    },
    onLink: link => {
      counters.link(link);
      store.touch();
      // Told at every PING; logged when it changes.
      if (link.state !== state) log.info({state: link.state, error: link.error, drops: link.drops}, 'bus');
      state = link.state;
    },
  });
}

/** What is done with each reading: trades fill the tape, everything is kept and shown with the next frame. */
const taking =
  (counters: BusCounters, store: Store, log: Log) =>
  (id: SampleId, sample: Sample<unknown>): void => {
    if (id === 'trades' && sample.ok) counters.fill(sample.rows as readonly TradeRow[]);
    if (!sample.ok) log.debug({source: id, why: sample.failure.why, message: sample.failure.message}, 'no rows');
    store.record(id, sample);
  };

// Asked before it has connected, it would only say that it has not.
async function readyWithin(redis: RedisClient, limitMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const signal = AbortSignal.timeout(limitMs);
  await once(redis, 'ready', {signal}).catch(() => {});
}

type EffectDeps = {
  readonly store: Store;
  readonly desk: ActionRunner;
  readonly config: Config;
  readonly sql: SqlLibrary;
  readonly loops: Pollers<SampleId> | undefined;
  readonly gateTitle: (actionId: string) => string;
};

function runEffect(effect: Effect, {store, desk, config, sql, loops, gateTitle}: EffectDeps): void {
  if (effect.kind === 'refresh') loops?.refreshNow();
  else if (effect.kind === 'setRefresh') loops?.setRefresh(effect.ms);
  else if (effect.kind === 'verify') void verify(store, config, sql);
  else if (effect.kind === 'plan') desk.plan(effect.actionId, gateTitle(effect.actionId), effect.target);
  else if (effect.kind === 'confirm') desk.confirm();
  else if (effect.kind === 'cancelAction') desk.cancel();
  else if (effect.kind === 'dismiss') desk.dismiss();
}

async function verify(store: Store, config: Config, sql: SqlLibrary): Promise<void> {
  const before = store.get().checks;
  if (before.running) return;
  store.setChecks({...before, running: true, error: undefined});
  // A connection of its own: a check may read whole tables, and must not keep the panes waiting.
  const pool = openPg(config.trading, sql, {name: 'tradetop verify', max: 1, statementMs: 60_000, lockMs: 1000});
  let after: State['checks'];
  try {
    await pool.query('setup/state');
    after = {running: false, at: nowMicros(), results: await runChecks(pool), error: undefined};
  } catch (error) {
    after = {...before, running: false, error: sanitise(failureOf(error).message)};
  }
  store.setChecks(after);
  await pool.close();
}

function aboutOf(config: Config): About {
  return {
    environment: config.environment,
    trading: sanitise(pgName(config.trading)),
    prefect: sanitise(pgName(config.prefect)),
    redis: sanitise(redisName(config.redis)),
    user: sanitise(config.trading.user),
    profile: config.profile === undefined ? undefined : sanitise(config.profile),
    slowMs: config.slowMs,
    ascii: config.ascii,
    colour: wantsColour(process.env),
    startedAt: nowMicros(),
  };
}
