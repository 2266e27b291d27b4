import {hostname} from 'node:os';
import {isoMicros, nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget, RedisTarget} from '../io/targets.ts';
import {createGapBook, type Gap} from './gaps.ts';
import {createHeart} from './heartbeat.ts';
import type {Lane, LaneOptions} from './lane.ts';
import {repeat} from './loops.ts';
import {createPerformance, type PerformanceSource} from './performance.ts';
import {openPubsubLane} from './pubsub-lane.ts';
import type {QueueLimits} from './queue.ts';
import {mending} from './repair.ts';
import {createSyncCounters, type SyncCounters, type SyncStats} from './stats.ts';
import {openStreamLane} from './stream-lane.ts';

export type SyncOptions = {
  readonly trading: PgTarget;
  readonly redis: RedisTarget;
  readonly sql: SqlLibrary;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** This worker's name among all; default: the machine's name and `sync`. Two that run at once need two names. */
  readonly worker?: string;
  /** By Pub/Sub, which every publisher speaks, or from the stream that durable publishers also write. Default: pubsub. */
  readonly mode?: 'pubsub' | 'streams';
  readonly limits?: QueueLimits;
  readonly times?: Partial<Intervals>;
  /** Called with every batch that was committed: its trades' lag from publication to now and to their receipt, and its time. */
  readonly onCommit?: (lagsMs: readonly number[], trades: number, ms: number, receiveMs: readonly number[]) => void;
};

/** All in milliseconds. */
export type Intervals = {
  readonly beat: number;
  /** Between two passes over the gaps that are open. */
  readonly fill: number;
  /** Between two sweeps of the last hour, and of everything. */
  readonly sweep: number;
  readonly fullSweep: number;
  /** A trade younger than this may be on its way yet. */
  readonly settle: number;
  readonly performance: number;
};

const TIMES: Intervals = {
  beat: 1000,
  fill: 1000,
  sweep: 30_000,
  fullSweep: 3_600_000,
  settle: 30_000,
  performance: 10_000,
};

export type SyncService = {
  readonly worker: string;
  readonly stats: () => SyncStats;
  /** Why it is not well, in words; undefined: events are heard and committed. */
  readonly trouble: () => string | undefined;
  /** Stops hearing, commits what is queued within the limit, says goodbye. True: nothing was left over. */
  readonly stop: (limitMs?: number) => Promise<boolean>;
};

/**
 * Starts the synchroniser: what the bus brings goes through a bounded queue into the database, a batch a transaction;
 * what it may not have brought is declared and recovered from execution.trades. It needs neither server to start:
 * it tries until they are there, and again whenever they go.
 */
export function startSync(options: SyncOptions): SyncService {
  const {mode = 'pubsub', worker: name = `${hostname().slice(0, 90)} sync`} = options;
  const times = {...TIMES, ...options.times};
  const [db, care] = openPools(options);
  const [book, tally, spent] = [createGapBook(), createSyncCounters(), createPerformance()];
  let over = false;
  const log = untilOver(options.log, () => over);
  const declare = (gap: Gap): void => {
    book.declare(gap);
    tally.gaps({declared: 1});
    log.warn({gap: gap.reason, from: gap.from && isoMicros(gap.from), to: isoMicros(gap.to)}, 'gap');
  };
  const heart = createHeart({care, name, mode, book, tally, lane: () => lane, declare});
  const lane: Lane = (mode === 'streams' ? openStreamLane : openPubsubLane)({
    redis: options.redis,
    db,
    worker: name,
    tally,
    limits: options.limits,
    before: heart.before,
    onGap: declare,
    ...reporting({tally, spent, log, onCommit: options.onCommit}),
  });
  const {provenAt, oldest} = lane;
  const mend = mending({
    care,
    name,
    tally,
    spent,
    log,
    times,
    provenAt,
    oldest,
    toDb: heart.toDb,
    pending: book.pending,
  });
  const beats = repeat('heartbeat', times.beat, log, () => heart.beat(false));
  const loops = [
    repeat('mending', times.fill, log, mend),
    repeat('performance', times.performance, log, () => spent.write(care)),
  ];
  return {
    worker: name,
    stats: () => tally.stats(lane.queue()),
    trouble: () => troubleOf(lane, tally.stats(lane.queue()), heart.beatAt(), beats.failing()),
    stop: async (limitMs = 9000) => {
      const limit = AbortSignal.timeout(limitMs);
      for (const loop of loops) void loop.stop();
      const beaten = beats.stop();
      const drained = (await Promise.race([lane.stop(limit), aborted(limit)])) === true;
      // The last sign of life also tells until when everything is safe, which the next start begins from.
      if (!limit.aborted) await Promise.race([beaten.then(() => heart.beat(true)).catch(() => {}), aborted(limit)]);
      await Promise.race([Promise.all([db.close(), care.close()]), aborted(limit)]);
      const {trades, positions, marks} = lane.queue();
      log.info({drained, left: {trades, positions, marks}, gaps: book.pending().length}, 'stopped');
      over = true;
      return drained;
    },
  };
}

type Reporting = {
  readonly tally: SyncCounters;
  readonly spent: PerformanceSource;
  readonly log: SyncOptions['log'];
  readonly onCommit: SyncOptions['onCommit'];
};

/** What becomes of events, told to the tally, the log and whoever watches. */
function reporting({tally, spent, log, onCommit}: Reporting): Pick<LaneOptions, 'onLink' | 'onCommitted' | 'onFailed'> {
  let linkTold: string | undefined;
  return {
    onLink: link => {
      const told = `${link.state} ${link.error}`;
      if (told !== linkTold) log.info({state: link.state, error: link.error}, 'bus');
      linkTold = told;
      tally.link(link);
    },
    onCommitted: (batch, outcome, ms) => {
      tally.committed(batch, outcome, ms);
      spent.ran('apply_batch', ms, batch.trades.length);
      const at = nowMicros();
      onCommit?.(
        batch.trades.map(trade => (at - trade.at) / 1000),
        batch.trades.length,
        ms,
        batch.trades.map(trade => (trade.receivedAt - trade.at) / 1000),
      );
      if (outcome.quarantined > 0) log.error({events: outcome.quarantined}, 'quarantined');
    },
    onFailed: (error, inMs) => {
      tally.failed(error);
      log.warn({error, again_in_ms: inMs}, 'batch not committed');
    },
  };
}

// One connection for batches, which must never queue behind the other things. Of the others only a pass over trades may
// take long, and says so.
function openPools({trading, sql}: SyncOptions): readonly [Pg, Pg] {
  const shared = {answerMs: 12_000, writes: true};
  return [
    openPg(trading, sql, {name: 'tradetop sync', max: 1, statementMs: 10_000, lockMs: 5000, ...shared}),
    openPg(trading, sql, {
      name: 'tradetop sync care',
      max: 3,
      statementMs: 600_000,
      lockMs: 4000,
      ...shared,
      leavesAt: '5s',
    }),
  ];
}

function troubleOf(lane: Lane, stats: SyncStats, beatAt: number | undefined, why = 'no answer'): string | undefined {
  const {state, error} = lane.link();
  if (state !== 'ready') return `the bus is ${state}${error ? `: ${error}` : ''}`;
  if (stats.failing) return `PostgreSQL takes no batch since ${stats.failing.since}: ${stats.failing.error}`;
  if (beatAt === undefined || performance.now() - beatAt > 15_000) return `PostgreSQL takes no heartbeat: ${why}`;
  return undefined;
}

// The last line is that it stopped; what still hangs on a dead path when the time is over has no more to say.
function untilOver(log: SyncOptions['log'], over: () => boolean): SyncOptions['log'] {
  const level =
    (name: 'info' | 'warn' | 'error') =>
    (what: object, words?: string): void => {
      if (!over()) log[name](what, words);
    };
  return {info: level('info'), warn: level('warn'), error: level('error')} as SyncOptions['log'];
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));
