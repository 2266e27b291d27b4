import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {sanitise} from '../../src/core/sanitise.ts';
import {type CountersMemory, type CountersReading, foldCounters, foldIo} from '../../src/monitor/counters.ts';
import {growthOf, withSize} from '../../src/monitor/size-growth.ts';

const reading = (seconds: number, change: Partial<CountersReading> = {}): CountersReading => ({
  clock: seconds * 1e6,
  startedAt: 1,
  standby: false,
  walRecords: 0,
  walImages: 0,
  walBytes: 0,
  walBuffersFull: 0,
  walReset: 1,
  checkpointsTimed: 0,
  checkpointsRequested: 0,
  checkpointWriteMs: 0,
  checkpointSyncMs: 0,
  buffersCheckpoint: 0,
  buffersCleaned: 0,
  cleanerStopped: 0,
  buffersAllocated: 0,
  buffersBackend: undefined,
  checkpointsReset: 1,
  archived: 0,
  archiveFailures: 0,
  lastArchivedAt: undefined,
  lastArchiveFailureAt: undefined,
  archiveMode: sanitise('off'),
  tempFiles: 0,
  tempBytes: 0,
  deadlocks: 0,
  conflicts: 0,
  blocksHit: 0,
  blocksRead: 0,
  checksumFailures: 0,
  lastChecksumFailureAt: undefined,
  commits: 0,
  rollbacks: 0,
  sessionsLost: 0,
  databasesReset: 1,
  connections: 1,
  replicating: 0,
  maxConnections: 100,
  reservedConnections: 3,
  xidAge: 1,
  multixactAge: 1,
  oldestDatabase: sanitise('trading_system'),
  ...change,
});

/** The rows of readings that follow one another. */
function rowsOf(readings: readonly CountersReading[]) {
  let memory: CountersMemory | undefined;
  return readings.map(one => {
    const folded = foldCounters(memory, one);
    memory = folded.memory;
    return folded.row;
  });
}

describe('the counters of the server', () => {
  it('grow per second since the reading before, and over ten minutes', () => {
    const rows = rowsOf([0, 2, 4].map(s => reading(s, {walBytes: s * 1000, checkpointsRequested: s / 2})));
    expect(rows[0]).toMatchObject({perSecond: undefined, recent: undefined, recentSeconds: 0});
    expect(rows[2]).toMatchObject({perSecond: {walBytes: 1000}, recent: {walBytes: 4000, checkpointsRequested: 2}});
    expect(rows[2]?.recentSeconds).toBe(4);
  });

  it('forget what is longer ago than ten minutes', () => {
    const rows = rowsOf(Array.from({length: 100}, (_, i) => reading(i * 20, {tempBytes: i})));
    expect(rows.at(-1)).toMatchObject({recent: {tempBytes: 30}, recentSeconds: 600});
  });

  it.each([
    ['a restart', {startedAt: 2}, 4],
    ['a fail-over', {standby: true}, 4],
    ['a reset', {walReset: 2}, 4],
    ['a counter that fell', {deadlocks: 0}, 9],
  ])('begin anew after %s', (_, change, since) => {
    const rows = rowsOf([
      reading(0, {deadlocks: 5}),
      reading(2, {deadlocks: 5, ...change}),
      reading(4, {...change, deadlocks: 9}),
    ]);
    expect(rows[1]).toMatchObject({perSecond: undefined, recent: undefined});
    expect(rows[2]?.recent?.deadlocks).toBe(since);
  });

  it('never shrink', () => {
    const any = fc.record({walBytes: fc.nat(1e6), commits: fc.nat(1e6), startedAt: fc.constantFrom(1, 2)});
    fc.assert(
      fc.property(fc.array(any, {maxLength: 8}), changes => {
        for (const {perSecond, recent} of rowsOf(changes.map((change, i) => reading(i * 2, change))))
          for (const n of [...Object.values(perSecond ?? {}), ...Object.values(recent ?? {})])
            expect(n >= 0 && Number.isFinite(n)).toBe(true);
      }),
    );
  });
});

describe('input and output', () => {
  const io = (reads: number, statsReset = 1) => ({
    backend: sanitise('client backend'),
    reads,
    readBytes: reads * 8192,
    readMs: undefined,
    writes: 0,
    writtenBytes: 0,
    writeMs: undefined,
    extends: 0,
    statsReset,
  });

  it('have rates, but none over a reset', () => {
    expect(foldIo([io(10)], [io(30)], 2)[0]).toMatchObject({readsPerSecond: 10, readBytesPerSecond: 81_920});
    expect(foldIo([io(10)], [io(5)], 2)[0]?.readsPerSecond).toBeUndefined();
    expect(foldIo([io(10)], [io(30, 2)], 2)[0]?.readsPerSecond).toBeUndefined();
    expect(foldIo([], [io(30)], 0)[0]?.readsPerSecond).toBeUndefined();
  });
});

describe('the growth of the database', () => {
  const sizes = (...all: readonly (readonly [bytes: number, minutes: number, exact?: boolean])[]) =>
    all.reduce<ReturnType<typeof withSize>>(
      (kept, [bytes, minutes, exact = true]) => withSize(kept, {bytes, exact, at: minutes * 60_000}),
      [],
    );

  it('is that of the last hour at most', () => {
    expect(growthOf(sizes([100, 0]))).toEqual({grownBytes: 0, grownSeconds: 0});
    expect(growthOf(sizes([100, 0], [150, 30], [400, 80]))).toEqual({grownBytes: 250, grownSeconds: 3000});
    expect(growthOf(sizes([100, 0], [50, 30])).grownBytes).toBe(0);
  });

  it('does not compare a size by files with one by the catalogue', () => {
    expect(growthOf(sizes([100, 0], [900, 1, false])).grownBytes).toBe(0);
  });
});
