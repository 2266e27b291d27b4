import {z} from 'zod';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import type {Clock} from './clock.ts';
import {decodeOne, grew, instant, maybeNumber, maybeText, type RowOf, rowSchema} from './columns.ts';
import {type Poller, type Rows, TIMEOUT_MS} from './poller.ts';
import {SourceError} from './source-error.ts';
import {type Extension, findExtension, uncounted} from './statements-extension.ts';
import {
  foldStatements,
  type StatementsChange,
  type StatementsDelta,
  type StatementsFacts,
  type StatementsMemory,
  totalStatements,
} from './statements-fold.ts';
import {createEntries, MOST_ENTRIES, type StatementEntries} from './statements-parts.ts';
import {learn, type Texts} from './statements-texts.ts';

const INFO = 'monitor/statements_info';
const MOST_ROWS = 100;
/**
 * The server reads its whole file of texts for each query for texts: such queries take at most this share of the time.
 */
const TEXTS_SHARE = 0.02;
/** Longest time until a new statement has its text, in milliseconds; `heavy`: one that takes much of the time. */
const TEXTS_WITHIN_MS = {any: 5000, heavy: 1000} as const;
/** Share of the interval's time, 0…1, from which on a statement is heavy. */
const HEAVY = 0.05;

const info = rowSchema({
  /** Evictions since the reset. */
  dealloc: maybeNumber,
  stats_reset: instant,
  clock: instant,
  started_at: instant,
  standby: z.boolean(),
  stopped: maybeText,
});

/** One entry of pg_stat_statements over the last interval. */
export type StatementRow = RowOf<typeof statementRows>;

/** Facts about the reading of the statements as a whole. @internal */
export type StatementsInfoRow = {
  readonly statements: number;
  /** Evictions since the reset: when it grows, the list is not complete. */
  readonly dealloc: number;
  readonly statsReset: Micros | undefined;
  /** The interval that the deltas span; undefined after the first reading. */
  readonly intervalSeconds: number | undefined;
  /** How long ago the console began to count; undefined after the first reading. */
  readonly startSeconds?: number | undefined;
  /** When the console saw that entries were evicted. */
  readonly lastDeallocAt: Micros | undefined;
};

/** The samples that the poller fills. */
type StatementsRows = {
  /** In the last interval, since the console’s start (or the server’s restart), and since the reset. */
  readonly statements: StatementRow;
  readonly statements_start: StatementRow;
  readonly statements_total: StatementRow;
  readonly statements_info: StatementsInfoRow;
};

/**
 * Rows for the pane, without our own readings: an entry of our role (`roleOid`) whose text is not known yet may be one.
 * Percentages are of the time of all top-level statements.
 * @internal
 */
export function statementRows(
  {changes, intervalSeconds = 0}: Omit<StatementsDelta, 'memory'>,
  texts: Texts,
  roleOid?: number,
) {
  const own = (key: string): boolean => texts.get(key)?.own ?? key.startsWith(`${roleOid}/`);
  const others = changes.filter(({now}) => !own(now.key));
  const sum = others.reduce((ms, c) => ms + (c.now.toplevel ? c.totalMs : 0), 0);
  return others.slice(0, MOST_ROWS).map(change => statementRow(change, texts, sum, intervalSeconds));
}

function statementRow({now, ...change}: StatementsChange, texts: Texts, sum: number, seconds: number) {
  const text = texts.get(now.key);
  const blocks = change.hit + change.read;
  return {
    /** userid/dbid/queryid/toplevel: the key of pg_stat_statements itself. */
    key: now.key,
    queryId: sanitise(now.queryid),
    /** The name of the role; each service has its own. */
    service: text?.service ?? sanitise(''),
    /** The role itself, as the sessions have it. */
    user: text?.user ?? sanitise(''),
    database: text?.database ?? sanitise(''),
    query: text?.query || sanitise(`(text of query ${now.queryid} not read yet)`),
    /** In the interval, as the next five. */
    calls: change.calls,
    callsPerSecond: seconds > 0 ? change.calls / seconds : 0,
    meanMs: change.totalMs / change.calls,
    totalMs: change.totalMs,
    /** Of the time of all statements, 0…100. */
    percent: sum > 0 ? Math.min(100, (change.totalMs * 100) / sum) : 0,
    rowsPerCall: change.rows / change.calls,
    /** Shared blocks found in the cache, 0…100; undefined when none were read. */
    hitPercent: blocks > 0 ? (change.hit * 100) / blocks : undefined,
    /** Since the entry's start, as the next two. */
    callsTotal: now.calls,
    meanMsTotal: now.calls > 0 ? now.totalMs / now.calls : 0,
    maxMs: now.maxMs,
  };
}

/**
 * Milliseconds from one query for texts to the next; infinite when no text is missing. `learnMs`: what the last one
 * took.
 */
function textsAfterMs({changes}: Pick<StatementsDelta, 'changes'>, texts: Texts, learnMs: number): number {
  const missing = changes.filter(({now}) => !texts.has(now.key));
  if (missing.length === 0) return Number.POSITIVE_INFINITY;
  const sum = changes.reduce((ms, c) => ms + c.totalMs, 0);
  const heavy = missing.some(c => c.totalMs > sum * HEAVY);
  return Math.min(learnMs / TEXTS_SHARE, heavy ? TEXTS_WITHIN_MS.heavy : TEXTS_WITHIN_MS.any);
}

/** The statements whose texts are shown or soon will be. After the first reading only: then a new one has its text at once. */
const wantedOf = (
  ...[delta, since, total]: readonly Pick<StatementsDelta, 'changes'>[]
): readonly StatementsChange[] => [
  ...(delta?.changes.slice(0, MOST_ROWS * 2) ?? []),
  ...(since?.changes.slice(0, MOST_ROWS) ?? []),
  ...(total?.changes.slice(0, MOST_ROWS) ?? []),
];

type StatementsReading = StatementEntries & {
  readonly extension: Extension;
  readonly facts: StatementsFacts;
  /** The settings that keep statements from being counted. */
  readonly stopped: SafeText | undefined;
};

/**
 * Reads the counters, then the facts that judge them: a reset between the two counts too little, never too much.
 * Undefined: there are more counters, which the next reading reads.
 */
function createCounters() {
  const readEntries = createEntries();
  let extension: Extension | undefined;
  const readOf = async (io: Io, clock: Clock, found: Extension): Promise<StatementsReading | undefined> => {
    const read = await readEntries(io, found, clock);
    if (read === undefined) return undefined;
    const {stopped, ...facts} = decodeOne(info, await io.query(INFO, [], found), INFO);
    const complete = read.entries.length < MOST_ENTRIES;
    return {
      ...read,
      extension: found,
      stopped,
      facts: {...facts, variant: found.variant, clock: facts.clock ?? 0, complete},
    };
  };
  return async function read(io: Io, clock: Clock): Promise<StatementsReading | undefined> {
    const known = extension;
    extension ??= await findExtension(io);
    try {
      return await readOf(io, clock, extension);
    } catch (error) {
      extension = undefined;
      // It may have been dropped, moved or updated since we found it: find it again, once.
      if (!known || error instanceof SourceError || failureOf(error).retry) throw error;
      return await read(io, clock);
    }
  };
}

/**
 * Which statements took the server's time in the last interval. It resets nothing: other tools have their baselines
 * too.
 */
export const statementsPoller: Poller<StatementsRows> = {
  ids: ['statements', 'statements_start', 'statements_total', 'statements_info'],
  // It reads every counter of the extension: half a millisecond of the server's at a usual desk, more than any other pane.
  everyMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: ['monitor/statements', INFO, 'monitor/statements_extension', 'monitor/statement_texts'],
  deltas: true,
  reader: () => {
    const read = createCounters();
    let memory: StatementsMemory | undefined;
    let start: StatementsMemory | undefined;
    let texts: Texts = new Map();
    let [learntAt, learnMs] = [Number.NEGATIVE_INFINITY, 0];
    let lastDeallocAt: Micros | undefined;

    let last: Rows<StatementsRows> = {statements: [], statements_start: [], statements_total: [], statements_info: []};
    return async ({trading}, _, clock) => {
      const reading = await read(trading, clock);
      if (reading === undefined) return last;
      const {extension, facts, entries, stopped, mostTexts} = reading;
      const past = memory?.facts;
      const delta = foldStatements(memory, facts, entries);
      memory = delta.memory;
      // Another server, or the first reading: it counts from here.
      if (delta.intervalSeconds === undefined) start = memory;
      // Where calls are counted all the same, another module gives the statements their ids.
      if (stopped !== undefined && delta.changes.length === 0) throw uncounted(stopped);
      const since = foldStatements(start, facts, entries);
      const total = totalStatements(facts, entries);
      const wanted = past === undefined ? [] : wantedOf(delta, since, total);
      if (past?.statsReset === facts.statsReset && grew(past?.dealloc, facts.dealloc)) lastDeallocAt = clock.now();
      const began = clock.ticks();
      if (began >= learntAt + textsAfterMs({changes: wanted}, texts, learnMs)) {
        texts = await learn(trading, texts, wanted, {...extension, mostTexts});
        [learntAt, learnMs] = [clock.ticks(), clock.ticks() - began];
      }
      const {dealloc = 0, statsReset} = facts;
      const {intervalSeconds} = delta;
      last = {
        statements: statementRows(delta, texts, extension.roleOid),
        statements_start: statementRows(since, texts, extension.roleOid),
        statements_total: statementRows(total, texts, extension.roleOid),
        statements_info: [
          {
            statements: entries.length,
            dealloc,
            statsReset,
            intervalSeconds,
            startSeconds: since.intervalSeconds,
            lastDeallocAt,
          },
        ],
      };
      return last;
    };
  },
};
