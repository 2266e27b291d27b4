import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import type {Pg} from '../io/pg.ts';
import {nextDelay} from './backoff.ts';
import type {SyncCounters} from './counters.ts';
import {startTaskLoop} from './loop.ts';
import {markDue, type Unmarkable} from './mark-due.ts';
import {inTransaction, type Runner} from './session.ts';

/** Marks positions to the last prices, beside the batches and in transactions of its own: no trade waits for it. */
export type Marking = {
  /** The price or the position of these symbols changed. Call it after the commit. */
  readonly tell: (symbols: readonly string[]) => void;
  /** Marks what it was told, until `limit` aborts. What is left the next start's sweep finds. */
  readonly stop: (limit: AbortSignal) => Promise<void>;
};

type MarkingOptions = {
  readonly db: Pg;
  readonly counters: Pick<SyncCounters, 'marking'>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Between two sweeps over all positions, in milliseconds. */
  readonly sweepMs: number;
};

/** Positions are marked at most so often. */
const EVERY_MS = 200;
/** With more symbols than that it marks all of them. */
const MOST_SYMBOLS = 10_000;
/** So long positions may be behind the last prices before the log says so. */
const LONG_MS = 10_000;
/** Longest that we wait to hear what is due, in milliseconds; the server's own limit comes before it. */
const FIND_MS = 65_000;
/** Rows at fault that are remembered, so that each is logged once. */
const MOST_UNMARKABLE = 1000;

export function startMarking({db, counters, log, sweepMs}: MarkingOptions): Marking {
  const told = createTold(sweepMs);
  const unmarkable = createUnmarkable(log);
  const behind = createBehind(counters, log, unmarkable.size);
  const runner = runnerFor(db);
  const abandoned = new AbortController();
  let waitedMs = 0;
  const mark = async (): Promise<void> => {
    const symbols = told.take();
    if (symbols === undefined) return;
    if (symbols === null) unmarkable.sweep();
    const options = {rests: true, signal: abandoned.signal, onBehind: behind.rows, onUnmarkable: unmarkable.add};
    try {
      told.add(await markDue(runner, symbols, options));
      waitedMs = 0;
    } catch (error) {
      told.putBack(symbols);
      behind.failed(sanitise(failureOf(error).message, 300));
      waitedMs = nextDelay(waitedMs);
      await delay(waitedMs, undefined, {signal: abandoned.signal}).catch(() => {});
      throw error;
    }
  };
  const loop = startTaskLoop('marking', EVERY_MS, log, mark);
  return {
    tell: told.add,
    stop: async limit => {
      const over = new Promise<void>(resolve => abandoned.signal.addEventListener('abort', () => resolve()));
      limit.addEventListener('abort', () => abandoned.abort());
      if (limit.aborted) abandoned.abort();
      // What hangs does not keep the service from its end.
      await Promise.race([
        over,
        loop
          .stop()
          .then(mark)
          .catch(() => {}),
      ]);
      abandoned.abort();
    },
  };
}

/** Each statement has a deadline of its own: to find what is due may take long, to mark a chunk may not. */
const runnerFor = (db: Pg): Runner => ({
  query: (sql, params) => db.query(sql, params),
  transaction: use => inTransaction(db, use, FIND_MS),
});

/** The symbols that wait for their turn; all of them at the start and every `sweepMs` milliseconds. */
export function createTold(sweepMs: number) {
  let symbols = new Set<string>();
  let all = true;
  let sweptAt = performance.now();
  const add = (more: readonly string[]): void => {
    for (const symbol of more) symbols.add(symbol);
    if (symbols.size > MOST_SYMBOLS) all = true;
    if (all) symbols.clear();
  };
  return {
    add,
    putBack: (taken: readonly string[] | null): void => {
      if (taken === null) all = true;
      add(taken ?? []);
    },
    /** Takes all that wait; null: every symbol, as at the start and at each sweep; undefined: none. */
    take: (): readonly string[] | null | undefined => {
      if (all || performance.now() - sweptAt >= sweepMs) {
        symbols.clear();
        all = false;
        sweptAt = performance.now();
        return null;
      }
      const taken = symbols;
      symbols = new Set();
      return taken.size === 0 ? undefined : [...taken];
    },
  };
}

/** Rows that cannot be marked: each is logged once, as long as the sweeps still find it. */
function createUnmarkable(log: MarkingOptions['log']) {
  let [known, before] = [new Set<string>(), new Set<string>()];
  return {
    size: () => known.size,
    /** A sweep begins: it finds again those that still are. */
    sweep: (): void => {
      [known, before] = [new Set(), known];
    },
    add: ({table, id, error}: Unmarkable): void => {
      const key = `${table} ${id}`;
      if (known.size >= MOST_UNMARKABLE || known.has(key)) return;
      known.add(key);
      if (!before.has(key)) log.error({table, id, error}, 'cannot be marked');
    },
  };
}

/**
 * Reports how far marking is behind, to the statistics, and to the log where that lasts.
 * @internal
 */
export function createBehind(
  counters: MarkingOptions['counters'],
  log: MarkingOptions['log'],
  unmarkable: () => number,
) {
  let [since, start, logged] = [null as string | null, 0, false];
  const report = (behind: number | null, error: string | null): void => {
    if (behind === 0) since = null;
    else if (since === null) [since, start] = [isoMicros(nowMicros()), performance.now()];
    counters.marking({behind, since, error});
    const lasts = since !== null && performance.now() - start >= LONG_MS;
    if (lasts === logged) return;
    logged = lasts;
    if (lasts) log.warn({behind, since, ...(error === null ? {} : {error})}, 'marks behind');
    else log.info({}, 'marks no longer behind');
  };
  let rows = 0;
  return {
    rows: (now: number): void => {
      rows = Math.max(now, unmarkable());
      report(rows, null);
    },
    /** How much is due cannot be known then, unless it is known to be something. */
    failed: (error: string): void => report(rows > 0 ? rows : null, error),
  };
}
