import {z} from 'zod';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import {decodeOne, grew, instant, maybeNumber} from './columns.ts';
import {type Poller, type Rows, TIMEOUT_MS} from './poller.ts';
import type {StatementRow, StatementsInfoRow} from './rows.ts';
import {blind, SourceError} from './source-error.ts';
import {type Extension, findExtension} from './statements-extension.ts';
import {
  type Counters,
  foldStatements,
  type StatementsChange,
  type StatementsDelta,
  type StatementsFacts,
  type StatementsMemory,
} from './statements-fold.ts';
import {learn, statementKey, type Texts} from './statements-texts.ts';

const SQL = 'monitor/statements';
const INFO = 'monitor/statements_info';
/** The statement's own limit. */
const MOST_ENTRIES = 10_000;
/** Rows that are shown at most. */
const MOST_ROWS = 100;
/** Reading new texts means the server's whole file of texts: it may take no more than this share of the time. */
const TEXTS_SHARE = 0.02;
/** But a statement is not without its text for longer than this, in milliseconds; one that matters not so long. */
const TEXTS_WITHIN_MS = {any: 5000, heavy: 1000} as const;
/** Of the interval's time, 0…1, from where on a statement matters. */
const HEAVY = 0.05;

const info = z.object({
  dealloc: maybeNumber,
  stats_reset: instant,
  clock: instant,
  started_at: instant,
  standby: z.boolean(),
});

/** The samples that the poller fills. */
type StatementsRows = {readonly statements: StatementRow; readonly statements_info: StatementsInfoRow};

/** Counters from rows. By hand: there are thousands, every two seconds. */
export const countersOf = (raws: readonly Raw[]): readonly Counters[] =>
  raws.map(r => ({
    key: statementKey(r),
    queryid: String(r.queryid),
    toplevel: r.toplevel === true,
    calls: Number(r.calls),
    totalMs: Number(r.total_ms),
    maxMs: Number(r.max_ms),
    rows: Number(r.rows),
    hit: Number(r.hit),
    read: Number(r.read),
    ioMs: Number(r.io_ms),
    since: typeof r.since === 'string' ? r.since : undefined,
  }));

/**
 * Rows as the pane shows them, without our own readings: what has no text yet and is of our role (`roleOid`) may be
 * one. Percent is of the time of all top-level statements.
 */
export function statementRows(
  {changes, intervalSeconds = 0}: StatementsDelta,
  texts: Texts,
  roleOid?: number,
): readonly StatementRow[] {
  const own = (key: string): boolean => texts.get(key)?.own ?? key.startsWith(`${roleOid}/`);
  const others = changes.filter(({now}) => !own(now.key));
  const sum = others.reduce((ms, c) => ms + (c.now.toplevel ? c.totalMs : 0), 0);
  return others.slice(0, MOST_ROWS).map(change => statementRow(change, texts, sum, intervalSeconds));
}

function statementRow({now, ...change}: StatementsChange, texts: Texts, sum: number, seconds: number): StatementRow {
  const text = texts.get(now.key);
  const blocks = change.hit + change.read;
  return {
    key: now.key,
    service: text?.service ?? sanitise(''),
    database: text?.database ?? sanitise(''),
    query: text?.query || sanitise(`(text of query ${now.queryid} not read yet)`),
    calls: change.calls,
    callsPerSecond: seconds > 0 ? change.calls / seconds : 0,
    meanMs: change.totalMs / change.calls,
    totalMs: change.totalMs,
    percent: sum > 0 ? Math.min(100, (change.totalMs * 100) / sum) : 0,
    rowsPerCall: change.rows / change.calls,
    hitPercent: blocks > 0 ? (change.hit * 100) / blocks : undefined,
    callsTotal: now.calls,
    meanMsTotal: now.calls > 0 ? now.totalMs / now.calls : 0,
    maxMs: now.maxMs,
    ioMs: change.ioMs,
  };
}

/** How long after the last time texts are to be read again, in milliseconds: never, when none is missing. */
function patience({changes}: StatementsDelta, texts: Texts, learnMs: number): number {
  const missing = changes.slice(0, MOST_ROWS * 2).filter(({now}) => !texts.has(now.key));
  if (missing.length === 0) return Number.POSITIVE_INFINITY;
  const sum = changes.reduce((ms, c) => ms + c.totalMs, 0);
  const heavy = missing.some(c => c.totalMs > sum * HEAVY);
  return Math.min(learnMs / TEXTS_SHARE, heavy ? TEXTS_WITHIN_MS.heavy : TEXTS_WITHIN_MS.any);
}

/** Reads the counters, then what they are judged by: a reset between the two then counts too little, never too much. */
async function readCounters(
  io: Io,
  {variant, names, role}: Extension,
): Promise<{readonly facts: StatementsFacts; readonly entries: readonly Counters[]}> {
  const raws = await io.query(SQL, [], {variant, names});
  if (raws.some(r => r.queryid === null)) throw blind(role);
  const facts = decodeOne(info, await io.query(INFO, [], {variant, names}), INFO);
  return {
    entries: countersOf(raws),
    facts: {
      variant,
      clock: facts.clock ?? 0,
      startedAt: facts.started_at,
      standby: facts.standby,
      statsReset: facts.stats_reset,
      dealloc: facts.dealloc,
      complete: raws.length < MOST_ENTRIES,
    },
  };
}

/**
 * Which statements took the server's time in the last interval. Nothing is ever reset: other tools have their baselines
 * too.
 */
export const statementsPoller: Poller<StatementsRows> = {
  ids: ['statements', 'statements_info'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, INFO, 'monitor/statements_extension', 'monitor/statement_texts'],
  deltas: true,
  reader: () => {
    let extension: Extension | undefined;
    let memory: StatementsMemory | undefined;
    let texts: Texts = new Map();
    let [learntAt, learnMs] = [Number.NEGATIVE_INFINITY, 0];
    let lastDeallocAt: Micros | undefined;

    const read = async (io: Io): ReturnType<typeof readCounters> => {
      const known = extension;
      extension ??= await findExtension(io);
      try {
        return await readCounters(io, extension);
      } catch (error) {
        extension = undefined;
        // Dropped, moved or updated since we looked: looked at again, once.
        if (!known || error instanceof SourceError || failureOf(error).retry) throw error;
        return await read(io);
      }
    };
    return async ({trading}, _, clock): Promise<Rows<StatementsRows>> => {
      const {facts, entries} = await read(trading);
      const past = memory?.facts;
      const delta = foldStatements(memory, facts, entries);
      memory = delta.memory;
      if (past?.statsReset === facts.statsReset && grew(past?.dealloc, facts.dealloc)) lastDeallocAt = clock.now();
      const start = clock.ticks();
      if (extension && start >= learntAt + patience(delta, texts, learnMs)) {
        texts = await learn(trading, texts, delta.changes.slice(0, MOST_ROWS * 2), extension);
        [learntAt, learnMs] = [clock.ticks(), clock.ticks() - start];
      }
      const {dealloc = 0, statsReset} = facts;
      const {intervalSeconds} = delta;
      return {
        statements: statementRows(delta, texts, extension?.roleOid),
        statements_info: [{statements: entries.length, dealloc, statsReset, intervalSeconds, lastDeallocAt}],
      };
    };
  },
};
