import {viewsOf} from '../../components/views.ts';
import {createGate, type Gate} from '../actions/gate.ts';
import * as actions from '../actions/index.ts';
import {ALERT_RULES} from '../alerts/alerts.ts';
import type {Config} from '../config/config.ts';
import {nowMicros} from '../core/time.ts';
import type {Effect} from '../input/effect.ts';
import {defaultLogFile, type Log, openLog} from '../io/log.ts';
import {openPg, type Pg} from '../io/pg.ts';
import {openRedis, type RedisClient} from '../io/redis.ts';
import {firstAnswer} from '../io/redis-answer.ts';
import {loadSql, type SqlLibrary} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import type {ExplainTarget} from '../model/explained.ts';
import type {PositionName} from '../model/position-shown.ts';
import type {About, Alert, SampleId} from '../model/state.ts';
import type {UiState} from '../model/ui-state.ts';
import * as pollers from '../monitor/index.ts';
import {MONITOR_PG} from '../monitor/poller.ts';
import {redisIo} from '../monitor/redis-io.ts';
import {type Pollers, pollOnce, startPollers} from '../monitor/run.ts';
import type {Sample} from '../monitor/sample.ts';
import type {TradeRow} from '../monitor/trades.ts';
import {type BusCounters, createBusCounters} from '../store/bus-counters.ts';
import {isSample} from '../store/samples.ts';
import {createStore, type Store} from '../store/store.ts';
import {initialUi} from '../store/ui.ts';
import {aboutOf} from './about.ts';
import {createActionRunner, lookForLost} from './action-runner.ts';
import {cachedIo, tellCaches} from './cached-io.ts';
import {createCheckRunner} from './check-runner.ts';
import {askPlan} from './explain.ts';
import type {Incidents} from './incidents.ts';
import {keepUi, readKeptUi} from './kept-ui.ts';
import {listen} from './listen.ts';
import {preflight} from './preflight.ts';
import {createReleaser, type Releaser} from './releaser.ts';
import {createReporter} from './reporter.ts';
import {runEffect} from './run-effect.ts';
import {showPosition} from './show-position.ts';
import {showTrace} from './show-trace.ts';
import {createProfiler} from './wait-profile.ts';

/** The console without its screen: bus, pollers and actions, joined in one store. */
export type Live = {
  readonly store: Store;
  readonly log: Log;
  /** Runs an effect that a key asked for, but those that need the terminal, which are the Console's. */
  readonly runEffect: (effect: Effect) => void;
  /** The samples that the screen shows: the others are read seldom, or not at all. */
  readonly show: (samples: readonly SampleId[]) => void;
  /** Starts the pollers' loops: first those of the samples that the screen shows; without these all at once. */
  readonly start: (shown?: readonly SampleId[]) => void;
  /** Polls every source once, those with rates twice `gapMs` apart, for a screen that is printed once. */
  readonly once: (gapMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type LiveOptions = {
  /** The application name of our connections on the servers. */
  readonly name: string;
  /** Start although a server does not answer. */
  readonly wait: boolean;
  /** The file that keeps the screen between two consoles; undefined: nothing is kept. */
  readonly screenFile?: string | undefined;
  /** Every source is read once, for what is printed and not kept. */
  readonly once?: boolean;
  /** Marks, portfolios and the market's hours may come from the cache in Redis. */
  readonly cached?: boolean;
  /** Default: the config's file, or the usual one. */
  readonly log?: Log;
  /** Whether the terminal takes another frame now; default: always. */
  readonly mayDraw?: () => boolean;
  /** Whether the line to the terminal is thin; default: it is not. */
  readonly inputAlone?: () => boolean;
  /** A demo's incidents. */
  readonly incidents?: Incidents | undefined;
};

/**
 * The samples that the rules of the alerts judge, and what operators say of the alerts. No rule needs `disk`: what is known of it
 * counts also while it cannot be read.
 * @internal
 */
export const JUDGED: ReadonlySet<SampleId> = new Set([
  ...ALERT_RULES.flatMap(rule => rule.needs).filter(isSample),
  'alert_marks',
  'disk',
]);

/** What stands in an alert is read so often, in milliseconds: an alert is to end with its cause. */
const ALERT_MS = 5000;

/** Repeats `work` until the returned function is called. */
function every(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms);
  return () => clearInterval(timer);
}

const judgedBy = (alerts: readonly Alert[]): readonly SampleId[] => {
  const standing = new Set(alerts.map(({rule}) => rule));
  return ALERT_RULES.filter(({id}) => standing.has(id)).flatMap(({needs}) => needs.filter(isSample));
};

/** The samples that show what an action did. */
const ACTED_ON: readonly SampleId[] = [
  'tables',
  'indexes',
  'progress',
  'alert_marks',
  'backends',
  'blockers',
  'running',
];
/** The rows that an edit can have changed. */
const EDITED: readonly SampleId[] = ['risk_limits', 'position_limits', 'risk_events', 'sync', 'alert_limits'];

/** Connects to the servers and joins bus, pollers and actions in one store. Rejects with a UserError that says what to fix. */
export async function openLive(config: Config, options: LiveOptions): Promise<Live> {
  const about = {...aboutOf(config), ...(options.incidents ? {incidents: options.incidents.names} : {})};
  const releaser = createReleaser();
  const sql = loadSql();
  const log = options.log ?? openLog(config.logFile ?? defaultLogFile());
  const {trading, prefect, redis} = await connect(config, options, sql, releaser);

  const counters = createBusCounters({now: nowMicros});
  const store: Store = createStore({
    about,
    ui: openingUi(config, about, options.screenFile),
    bus: at => counters.snapshot(at),
    pools: () => ({trading: trading.counts(), prefect: prefect.counts()}),
    now: nowMicros,
    once: options.once,
    ...(options.mayDraw ? {mayDraw: options.mayDraw} : {}),
    ...(options.inputAlone ? {inputAlone: options.inputAlone} : {}),
  });
  const {screenFile, incidents} = options;
  releaser.add(store.close);
  if (screenFile) releaser.add(() => keepUi(screenFile, config.profile ?? '', store.get().ui));
  releaser.add(listen(config, options.name, counters, store, log).close);

  const gate = gateOf(config, options.name, {sql, store, trading, prefect});
  let loops: Pollers<SampleId> | undefined;
  const runner = createActionRunner(gate, store, () => loops?.refreshNow([...ACTED_ON, ...EDITED]));
  const [checks, profiler] = [createCheckRunner(config, sql, store), createProfiler(config, sql, store)];
  for (const {close} of [gate, runner, checks, profiler]) releaser.add(close);
  const polling = {
    pollers: Object.values(pollers),
    io: {trading: options.cached ? cachedIo(trading, redis) : trading, prefect, redis: redisIo(redis)},
    settings: {slowMs: config.slowMs, prefectDatabase: config.prefect.database},
    onSample: recordTo(counters, store, log),
    onPace: store.pace,
  };
  const reads = readsOf(config, store, sql);
  const reporter = createReporter(config, sql, store, log, () => loops?.refreshNow());
  incidents?.onChange(text => store.setUi({...store.get().ui, note: {text, at: nowMicros()}}));
  releaser.add(() => loops?.stop());

  return {
    store,
    log,
    show: samples => loops?.need({shown: new Set(samples), judged: JUDGED}),
    start: shown => {
      loops ??= startPollers({...polling, refreshMs: config.refreshMs, first: shown && new Set(shown)});
      releaser.add(lookForLost(gate));
      releaser.add(every(ALERT_MS / 2, () => loops?.readSoon(judgedBy(store.get().alerts), ALERT_MS)));
      checks.start();
    },
    once: async gapMs => {
      // Asked before it has connected, Redis would only say that it has not.
      await firstAnswer(redis, {limitMs: 1500, retries: true}).catch(() => {});
      await Promise.all([pollOnce({...polling, gapMs}), checks.once()]);
      if (options.cached) releaser.add(tellCaches(redis, counters));
    },
    runEffect: effect => runEffect(effect, {runner, checks, loops, ...reads, profiler, reporter, incidents}),
    close: releaser.release,
  };
}

/** What is read when somebody asks for it, each on a connection of its own. */
const readsOf = (config: Config, store: Store, sql: SqlLibrary) => ({
  explain: (target: ExplainTarget) => askPlan(target, store, config, sql),
  trace: (id: string) => showTrace(id, store, config, sql),
  position: (of: PositionName) => showPosition(of, store, config, sql),
});

type Connections = {readonly trading: Pg; readonly prefect: Pg; readonly redis: RedisClient};

/** Opens the connections that pollers use, and gives them to the releaser. Releases all where a server cannot be used. */
async function connect(
  config: Config,
  {name, wait}: LiveOptions,
  sql: SqlLibrary,
  releaser: Releaser,
): Promise<Connections> {
  const trading = openPg(config.trading, sql, {name, ...MONITOR_PG, repeats: true, reads: 'as monitor'});
  const prefect = openPg(config.prefect, sql, {name, ...MONITOR_PG, repeats: true, reads: 'as itself'});
  releaser.add(() => Promise.all([trading.close(), prefect.close()]));
  try {
    await preflight(config, trading, wait);
  } catch (error) {
    await releaser.release();
    throw error;
  }
  const redis = openRedis(config.redis, {name, offline: 'fail'});
  releaser.add(() => redis.disconnect());
  return {trading, prefect, redis};
}

type Acted = Pick<Connections, 'trading' | 'prefect'> & {readonly sql: SqlLibrary; readonly store: Store};

/** The gate of the console's actions, which may not signal the console's own connections. */
const gateOf = (config: Config, name: string, {sql, store, trading, prefect}: Acted): Gate =>
  createGate({
    config,
    sql,
    actions: Object.values(actions),
    name: `${name} action`,
    readOnly: () => store.get().ui.readOnly,
    own: () => [trading, prefect].filter(({target}) => isSameServer(target, config.trading)).flatMap(pg => pg.pids()),
  });

const isSameServer = (a: PgTarget, b: PgTarget): boolean => a.host === b.host && a.port === b.port;

/** Keeps each sample for the next frame; trades fill the tape too. */
const recordTo =
  (counters: BusCounters, store: Store, log: Log) =>
  (id: SampleId, sample: Sample<unknown>): void => {
    if (id === 'trades' && sample.ok) counters.fill(sample.rows as readonly TradeRow[]);
    if (!sample.ok) log.debug({source: id, why: sample.failure.why, message: sample.failure.message}, 'source failed');
    store.record(id, sample);
  };

/** The screen as the last console of the profile left it, else the first pane of the first view. */
function openingUi(config: Config, about: About, screenFile: string | undefined): UiState {
  const {refreshMs, readOnly, profile = ''} = config;
  const kept = screenFile === undefined ? undefined : readKeptUi(screenFile, profile, about);
  const [first] = viewsOf(about);
  return initialUi({view: first?.name ?? '', focus: first?.panes[0] ?? '', refreshMs, readOnly, ...kept});
}
