import {archiverFails} from '../../../src/alerts/database.ts';
import {figureKey} from '../../../src/alerts/places.ts';
import {age, ageAt, bytes, count, duration, percent} from '../../../src/core/format.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {CountersRow} from '../../../src/monitor/counters.ts';
import {bytesFigure, countFigure, type Figure, figureOf, joinedNote} from './figure.ts';

/** What every figure of PostgreSQL's counters has. */
export const named = (name: string) => ({key: figureKey(name), subject: 'PostgreSQL', name}) as const;
/** What happened in the time that is counted as lately. */
export const lately = (n: number | undefined, what: string, {recentSeconds}: CountersRow): string | undefined =>
  n === undefined ? undefined : `${what} in ${age(recentSeconds)}`;
const share = (part: number, whole: number): string | undefined =>
  whole > 0 ? percent((part * 100) / whole, 0) : undefined;

/** WAL, checkpoints, the buffers that are written, and the archiver. */
export function walFigures(row: CountersRow, now: Micros): readonly Figure[] {
  const {perSecond, recent, checkpointWriteMs, checkpointSyncMs} = row;
  const done = row.checkpointsTimed + row.checkpointsRequested;
  const fails = archiverFails(row);
  return [
    bytesFigure({
      ...named('WAL'),
      value: row.walBytes,
      perSecond: perSecond?.walBytes,
      note: joinedNote([
        recent && lately(1, bytes(recent.walBytes), row),
        recent && share(recent.walImages, recent.walRecords) !== undefined
          ? `${share(recent.walImages, recent.walRecords)} of the records have a page’s image`
          : '',
        recent && recent.walBuffersFull > 0 ? `buffers full ${count(recent.walBuffersFull)}` : '',
      ]),
    }),
    countFigure({
      ...named('checkpoints'),
      value: done,
      perSecond: perSecond && perSecond.checkpointsTimed + perSecond.checkpointsRequested,
      note: joinedNote([
        recent &&
          lately(1, `${count(recent.checkpointsTimed)} by time, ${count(recent.checkpointsRequested)} by request`, row),
        done > 0
          ? `writing ${duration(checkpointWriteMs / done)}, syncing ${duration(checkpointSyncMs / done)} each`
          : '',
      ]),
    }),
    countFigure({
      ...named('buffers written'),
      value: row.buffersCheckpoint + row.buffersCleaned + (row.buffersBackend ?? 0),
      perSecond: perSecond && perSecond.buffersCheckpoint + perSecond.buffersCleaned,
      note: joinedNote([
        `by checkpoints ${count(row.buffersCheckpoint)}, the background writer ${count(row.buffersCleaned)}`,
        row.buffersBackend === undefined ? '' : `backends ${count(row.buffersBackend)}`,
        row.cleanerStopped > 0 ? `the writer stopped early ${count(row.cleanerStopped)} times` : '',
      ]),
    }),
    figureOf({
      ...named('archiver'),
      value: row.archived,
      severity: fails ? 'warn' : 'ok',
      shown: row.archiveMode === 'off' ? 'off' : count(row.archived),
      perSecond: row.archiveMode === 'off' ? undefined : perSecond?.archived,
      note: joinedNote([
        row.lastArchivedAt === undefined ? '' : `last ${ageAt(row.lastArchivedAt, now)} ago`,
        row.archiveFailures > 0
          ? `${count(row.archiveFailures)} failures, the last ${ageAt(row.lastArchiveFailureAt, now)} ago`
          : '',
      ]),
    }),
  ];
}
