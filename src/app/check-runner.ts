import {isToldBad} from '../alerts/check-state.ts';
import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {KnownCheck} from '../model/state.ts';
import {isSetUp} from '../setup/state.ts';
import type {Store} from '../store/store.ts';
import type {Check} from '../verify/check.ts';
import {readChecks} from '../verify/read-checks.ts';
import {CHECK_SETTINGS, runChecks} from '../verify/run.ts';
import {withResults} from './check-results.ts';

/** Runs the checks: each by itself as often as its head says, and all of them when somebody asks. */
export type CheckRunner = {
  /** From now on the checks run by themselves. */
  readonly start: () => void;
  /** Runs the checks that run at least every minute, once. */
  readonly once: () => Promise<void>;
  /** Runs all checks; while they run the State says so. */
  readonly all: () => Promise<void>;
  readonly close: () => void;
};

/** The first runs, after the panes have their rows. */
const FIRST_MS = {20: 3000, 60: 4000, 900: 20_000} as const;
/** What found something runs again so soon, or after REST times what it took: an alert is to end with its cause. */
const AGAIN_MS = 5000;
/** That of the set-up runs again later: nobody waits for it. */
const SET_UP_AGAIN_MS = 30_000;
const REST = 20;
/** Limits of a statement, and of a run, that nobody waits for: what they do not reach keeps what was known of it. */
const BY_ITSELF = {statementMs: 5000, runMs: 45_000} as const;
/** What a person asked for may take longer. */
const ASKED_FOR = {statementMs: 60_000, runMs: 600_000} as const;

type Limits = {readonly statementMs: number; readonly runMs: number};

/** Makes a runner that keeps its results in the store. Nothing runs before it is told to. */
export function createCheckRunner(config: Config, sql: SqlLibrary, store: Store): CheckRunner {
  const checks = readChecks(sql);
  const timers = new Set<NodeJS.Timeout>();
  const over = new AbortController();
  // One run after another: they never take more than one connection.
  let last: Promise<void> = Promise.resolve();
  const after = (work: () => Promise<void>): Promise<void> => {
    last = last.then(() => (over.signal.aborted ? undefined : work()));
    return last;
  };
  const connect = (limits: Limits): Pg => openChecks(config, sql, limits);
  // While checks run by themselves their connection stays: a new one costs the server more than most checks.
  let kept: Pg | undefined;
  const run = async (chosen: readonly Check[], limits: Limits): Promise<void> => {
    const own = limits === BY_ITSELF ? kept : undefined;
    const pool = own ?? connect(limits);
    await runOn(pool, store, {chosen, checks, runMs: limits.runMs, signal: over.signal});
    if (own === undefined) await pool.close();
  };
  const every = (seconds: number): readonly Check[] => checks.filter(c => c.everySeconds === seconds);
  const violated = (): readonly Check[] => {
    const now = nowMicros();
    const {checks: known, about} = store.get();
    const due = known.results.filter(r => isToldBad(r, about) && now - r.at >= 1000 * againMs(r));
    return checks.filter(({id}) => due.some(result => result.id === id));
  };
  const repeat = (firstMs: number, everyMs: number, choose: () => readonly Check[]): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const chosen = choose();
      void (chosen.length === 0 ? Promise.resolve() : after(() => run(chosen, BY_ITSELF))).then(() => {
        if (!over.signal.aborted) repeat(everyMs, everyMs, choose);
      });
    }, firstMs);
    timer.unref();
    timers.add(timer);
  };
  return {
    start: () => {
      kept ??= connect(BY_ITSELF);
      for (const seconds of [20, 60, 900] as const) repeat(FIRST_MS[seconds], seconds * 1000, () => every(seconds));
      repeat(AGAIN_MS, AGAIN_MS / 5, violated);
    },
    once: () => after(() => run([...every(20), ...every(60)], BY_ITSELF)),
    all: async () => {
      if (store.get().checks.running) return;
      store.setChecks({...store.get().checks, running: true, error: undefined});
      await after(() => run(checks, ASKED_FOR));
      store.setChecks({...store.get().checks, running: false});
    },
    close: () => {
      over.abort();
      for (const timer of timers) clearTimeout(timer);
      void kept?.close();
    },
  };
}

/** How long after a run that found something the next one comes, in milliseconds. */
const againMs = ({group, ms}: Pick<KnownCheck, 'group' | 'ms'>): number =>
  Math.max(group === 'setup' ? SET_UP_AGAIN_MS : AGAIN_MS, REST * ms);

type Run = {
  readonly chosen: readonly Check[];
  /** All of them, in their order. */
  readonly checks: readonly Check[];
  readonly runMs: number;
  readonly signal: AbortSignal;
};

/** A read-only connection of the checks' own: one may read whole tables, and must not delay the panes' queries. */
const openChecks = (config: Config, sql: SqlLibrary, {statementMs}: Limits): Pg =>
  openPg(config.trading, sql, {
    name: 'tradetop verify',
    max: 1,
    statementMs,
    lockMs: 1000,
    idleMs: 120_000,
    repeats: true,
    reads: 'as monitor',
    settings: {...CHECK_SETTINGS, default_transaction_read_only: 'on'},
  });

async function runOn(pool: Pg, store: Store, {chosen, checks, runMs, signal}: Run): Promise<void> {
  try {
    await isSetUp(pool);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(runMs)]);
    const results = await runChecks(pool, chosen, {signal: limit});
    const before = store.get().checks;
    store.setChecks({...withResults(before, results, checks, nowMicros()), error: undefined});
  } catch (error) {
    store.setChecks({...store.get().checks, error: sanitise(failureOf(error).message)});
  }
}
