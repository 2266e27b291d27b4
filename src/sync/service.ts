import {hostname} from 'node:os';
import {isoMicros} from '../core/time.ts';
import type {PoolCounts} from '../io/io.ts';
import type {Log} from '../io/log.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget, RedisTarget} from '../io/targets.ts';
import type {BusConsumer, ConsumerOptions, SyncMode} from './consumer.ts';
import {createSyncCounters, type SyncCounters} from './counters.ts';
import {createPendingGaps, type PendingGaps} from './gaps.ts';
import {troubleOf} from './health.ts';
import {createHeartbeat, type Heartbeat} from './heartbeat.ts';
import {type Loop, startTaskLoop} from './loop.ts';
import {type Marking, startMarking} from './marking.ts';
import type {CommitChanges} from './outcome.ts';
import {createPerformanceLog} from './performance-log.ts';
import {openPools, type Pools} from './pools.ts';
import {startPositionLimits} from './position-limits.ts';
import {openPubsubConsumer} from './pubsub-consumer.ts';
import type {QueueLimits} from './queue.ts';
import {createRepair, type SweepIntervals} from './repair.ts';
import {logUntil, reportTo} from './reporting.ts';
import {openSlotConsumer} from './slot-consumer.ts';
import type {CommitTimes, SyncStats} from './stats.ts';
import {openStreamConsumer} from './stream-consumer.ts';
import {createValidation} from './validation.ts';

export type SyncOptions = {
  readonly trading: PgTarget;
  readonly redis: RedisTarget;
  readonly sql: SqlLibrary;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** This worker's name among all; default: the host's name and `sync`. Two that run at once need two names. */
  readonly worker?: string;
  /**
   * By Pub/Sub, which every publisher uses; from the stream, which durable publishers also write; or from the WAL, which
   * needs no bus. Default: pubsub.
   */
  readonly mode?: SyncMode;
  /** In streams mode: how many shards the bus is to have at least. Default: as many as it has. */
  readonly shards?: number;
  /** The hourly sweep looks at all trades, however old, not at 48 hours. Default: false. */
  readonly full?: boolean;
  readonly limits?: QueueLimits;
  readonly intervals?: Partial<Intervals>;
  readonly onCommit?: (times: CommitTimes) => void;
  /** Called after each commit with what it changed, whatever it was made of: events, the WAL, a repair or a sweep. */
  readonly onChanged?: (changes: CommitChanges) => void;
};

/**
 * In milliseconds.
 * @internal
 */
export type Intervals = SweepIntervals & {
  readonly heartbeat: number;
  /** Between two passes over the open gaps. */
  readonly repair: number;
  /** Between two sweeps over all positions, for those that are not marked to the last price. */
  readonly marking: number;
  /** Between two measurings of all position limits. */
  readonly limits: number;
  /** Between two writings of logging.performance_logs. */
  readonly performance: number;
  /** Between two runs of the validation, and before the first. */
  readonly validation: number;
};

const INTERVALS: Intervals = {
  heartbeat: 1000,
  repair: 1000,
  sweep: 30_000,
  wideSweep: 3_600_000,
  settle: 30_000,
  marking: 30_000,
  limits: 30_000,
  performance: 10_000,
  validation: 60_000,
};

/** The WAL brings every change in the order of commits: what sweeps look for is only what the slot itself has lost. */
const SLOT_INTERVALS: Partial<Intervals> = {sweep: INTERVALS.wideSweep};

const CONSUMERS: Readonly<Record<SyncMode, typeof openStreamConsumer>> = {
  pubsub: openPubsubConsumer,
  streams: openStreamConsumer,
  slot: openSlotConsumer,
};

/** A running worker. */
export type SyncService = {
  readonly worker: string;
  readonly stats: () => SyncStats;
  /** Its pools of connections, by name. */
  readonly pools: () => Readonly<Record<string, PoolCounts>>;
  /** What is wrong, in words; undefined: events are received and committed. */
  readonly trouble: () => string | undefined;
  /** Stops receiving, commits what is queued, and sends a last heartbeat, all within the limit. True: nothing is left. */
  readonly stop: (limitMs?: number) => Promise<boolean>;
};

/**
 * Starts the synchroniser: it commits the bus' events to analytics, each batch in a transaction, and declares the gaps in
 * which it may have missed some; the repair recovers those from execution.trades. It starts without its servers, and
 * tries until it reaches them, then and whenever it loses one.
 */
export function startSync(options: SyncOptions): SyncService {
  const {mode = 'pubsub', worker = `${hostname().slice(0, 90)} sync`, redis, limits, shards} = options;
  const intervals = {...INTERVALS, ...(mode === 'slot' ? SLOT_INTERVALS : {}), ...options.intervals};
  const pools = openPools(options);
  const [gaps, counters, performanceLog] = [createPendingGaps(), createSyncCounters(), createPerformanceLog()];
  let over = false;
  const log = logUntil(options.log, () => over);
  const declare = declarer(gaps, counters, log);
  const shared = {db: pools.maintenance, worker, counters};
  const marking = startMarking({db: pools.marking, counters, log, sweepMs: intervals.marking});
  const limitLoop = startPositionLimits({db: pools.limits, log, sweepMs: intervals.limits});
  const heartbeat = createHeartbeat({...shared, mode, gaps, consumer: () => consumer, declare, drop: pools.drop});
  const reports = reportTo({...options, counters, performanceLog, log, marking, limits: limitLoop});
  const consumer: BusConsumer = CONSUMERS[mode]({
    redis,
    db: pools.batches,
    maintenance: pools.maintenance,
    worker,
    counters,
    limits,
    previousSafeAt: heartbeat.previousSafeAt,
    workers: heartbeat.workers,
    ...(shards === undefined ? {} : {shards}),
    onGap: declare,
    ...reports,
  });
  const repair = createRepair({
    ...shared,
    performanceLog,
    log,
    intervals,
    consumer,
    toDb: heartbeat.toDb,
    onChanged: reports.onRepaired,
    full: options.full ?? false,
    hasPendingGaps: () => gaps.list().length > 0,
  });
  const stats = () => counters.stats(consumer.queue());
  const validation = createValidation({...shared, log, stats, toDb: heartbeat.toDb});
  const heartbeats = startTaskLoop('heartbeat', intervals.heartbeat, log, () => heartbeat.send(false));
  const loops = [
    limitLoop,
    startTaskLoop('repair', intervals.repair, log, repair),
    startTaskLoop('performance', intervals.performance, log, () => performanceLog.write(pools.maintenance)),
    startTaskLoop('validation', intervals.validation, log, validation),
  ];
  return {
    worker,
    stats,
    pools: pools.counts,
    trouble: () => {
      const sent = {sentAt: heartbeat.sentAt(), failing: heartbeats.failing()};
      return troubleOf({mode, link: consumer.link(), stats: stats(), ...sent});
    },
    stop: async (limitMs = 9000) => {
      const running = {loops, heartbeats, heartbeat, consumer, marking, pools, gaps, log};
      return stopAll(running, AbortSignal.timeout(limitMs)).finally(() => (over = true));
    },
  };
}

/** Declares a gap, counts it, and logs it; one that is recorded already is not written again. */
const declarer =
  (gaps: PendingGaps, counters: SyncCounters, log: Pick<Log, 'warn'>): ConsumerOptions['onGap'] =>
  (gap, recorded) => {
    if (recorded === undefined) gaps.declare(gap);
    counters.gaps({declared: 1});
    const why = recorded === undefined ? {} : {why: recorded};
    log.warn({gap: gap.reason, from: gap.from && isoMicros(gap.from), to: isoMicros(gap.to), ...why}, 'gap');
  };

type Running = {
  readonly loops: readonly Loop[];
  readonly heartbeats: Loop;
  readonly heartbeat: Heartbeat;
  readonly consumer: BusConsumer;
  readonly marking: Marking;
  readonly pools: Pools;
  readonly gaps: PendingGaps;
  readonly log: Pick<Log, 'info'>;
};

/** Longest that the end waits for positions to be marked, in milliseconds: the next start finds what is left. */
const MARKING_MS = 2000;

/** Ends everything by the limit, whatever hangs. True: everything that was received is committed. */
async function stopAll(
  {loops, heartbeats, heartbeat, consumer, marking, pools, gaps, log}: Running,
  limit: AbortSignal,
): Promise<boolean> {
  for (const loop of loops) void loop.stop();
  const stopped = heartbeats.stop();
  const drained = (await Promise.race([consumer.stop(limit), aborted(limit)])) === true;
  await marking.stop(AbortSignal.any([limit, AbortSignal.timeout(MARKING_MS)]));
  // The last heartbeat also states until when everything is safe, from where the next start begins.
  if (!limit.aborted) {
    await Promise.race([stopped.then(() => heartbeat.send(true)).catch(() => {}), aborted(limit)]);
  }
  await Promise.race([pools.close(), aborted(limit)]);
  const {trades, positions, marks} = consumer.queue();
  log.info({drained, left: {trades, positions, marks}, gaps: gaps.list().length}, 'stopped');
  return drained;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));
