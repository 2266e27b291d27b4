import {age, ageAt, bytes, count, duration, plural} from '../../../src/core/format.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {RedisRow} from '../../../src/monitor/redis.ts';
import {bytesFigure, countFigure, type Figure, figureOf, joinedNote} from './figure.ts';

/** Share of maxmemory from which on it is a warning, and critical. */
const FULL = {warn: 0.9, crit: 0.98} as const;

/** The figures of the Redis behind the bus. */
export function redisFigures(row: RedisRow | undefined, now: Micros): readonly Figure[] {
  if (row === undefined) return [];
  const of = (name: string) => ({key: `redis ${name}`, subject: 'Redis', name}) as const;
  const used = row.maxMemoryBytes > 0 ? row.memoryBytes / row.maxMemoryBytes : 0;
  return [
    bytesFigure({
      ...of('memory'),
      value: row.memoryBytes,
      severity: used > FULL.crit ? 'crit' : used > FULL.warn ? 'warn' : 'ok',
      limit: row.maxMemoryBytes > 0 ? bytes(row.maxMemoryBytes) : 'none',
      note: joinedNote([
        row.peakBytes === undefined ? '' : `peak ${bytes(row.peakBytes)}`,
        `${count(row.evicted)} keys evicted`,
      ]),
    }),
    countFigure({
      ...of('clients'),
      value: row.clients,
      perSecond: row.commandsPerSecond,
      note: joinedNote([
        row.commandsPerSecond === undefined ? '' : 'commands at this rate',
        plural(row.subscribers, 'subscriber'),
        row.blockedClients === undefined ? '' : `${count(row.blockedClients)} blocked`,
        `round trip ${duration(row.latencyMs)}`,
      ]),
    }),
    bytesFigure({
      ...of('largest output buffer'),
      value: row.largestBufferBytes,
      severity: row.lastCutAt === undefined ? 'ok' : 'warn',
      note:
        row.outputBufferCuts === undefined
          ? ''
          : `${plural(row.outputBufferCuts, 'client')} cut off for reading too slowly`,
    }),
    figureOf({
      ...of('persistence'),
      value: row.persistence === undefined ? 'ok' : 'failing',
      severity: row.persistence === undefined ? 'ok' : 'warn',
      note: joinedNote([
        row.persistence,
        row.savedAt === undefined ? '' : `snapshot ${ageAt(row.savedAt, now)} ago`,
        row.unsavedChanges === undefined ? '' : `${count(row.unsavedChanges)} changes since`,
        row.appendOnly === undefined ? '' : `append-only file ${row.appendOnly ? 'on' : 'off'}`,
      ]),
    }),
    countFigure({
      ...of('slow log'),
      value: row.slowCount,
      note: row.lastSlow === undefined ? '' : `last: ${row.lastSlow}`,
    }),
    countFigure({
      ...of('replicas'),
      value: row.replicas,
      severity: row.replication === undefined && row.replicaLostAt === undefined ? 'ok' : 'warn',
      note: joinedNote([row.replication, row.role, `up ${age(row.uptimeSeconds)}`]),
    }),
  ];
}
