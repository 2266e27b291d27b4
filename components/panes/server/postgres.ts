import {cacheShare, connectionsLeft, wrapShare} from '../../../src/alerts/database.ts';
import {age, bytes, count, duration, percent} from '../../../src/core/format.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {CountersRow, IoRow} from '../../../src/monitor/counters.ts';
import type {ServerRow} from '../../../src/monitor/server.ts';
import {bytesFigure, countFigure, type Figure, figureOf, joinedNote} from './figure.ts';
import {lately, named, walFigures} from './wal.ts';

/** The figures of PostgreSQL’s own counters, the most important first. */
export function postgresFigures(
  counters: CountersRow | undefined,
  server: ServerRow | undefined,
  now: Micros,
): readonly Figure[] {
  if (counters === undefined) return sizes(server);
  return [connections(counters), ...walFigures(counters, now), ...sizes(server), ...ids(counters), ...damage(counters)];
}

function connections(row: CountersRow): Figure {
  const left = connectionsLeft(row);
  return countFigure({
    ...named('connections'),
    value: row.connections,
    severity: left === 0 ? 'crit' : left <= row.maxConnections * 0.1 ? 'warn' : 'ok',
    limit: count(row.maxConnections),
    note: joinedNote([
      `${count(left)} left for services, ${count(row.reservedConnections)} reserved`,
      row.replicating > 0 ? `${count(row.replicating)} replicating` : '',
      row.recent && row.recent.sessionsLost > 0 ? lately(1, `${count(row.recent.sessionsLost)} lost`, row) : '',
    ]),
  });
}

function sizes(server: ServerRow | undefined): readonly Figure[] {
  if (server === undefined) return [];
  const {sizeBytes, grownBytes, grownSeconds} = server;
  const grown = grownSeconds > 0 ? `grew by ${bytes(grownBytes)} in ${age(grownSeconds)}` : '';
  return [bytesFigure({...named('database size'), value: sizeBytes, note: grown})];
}

function ids(row: CountersRow): readonly Figure[] {
  const {perSecond, recent} = row;
  const cached = cacheShare(row);
  const used = wrapShare(row);
  return [
    figureOf({
      ...named('cache'),
      value: cached === undefined ? undefined : cached * 100,
      unit: 'percent',
      shown: cached === undefined ? 'n/a' : percent(cached * 100),
      severity: cached !== undefined && cached < 0.9 ? 'warn' : 'ok',
      note: joinedNote([
        cached === undefined ? 'few blocks were read lately' : lately(1, 'found', row),
        perSecond && `${count(perSecond.blocksRead)} read/s, ${count(perSecond.buffersAllocated)} buffers taken/s`,
      ]),
    }),
    countFigure({
      ...named('transactions'),
      value: row.commits + row.rollbacks,
      perSecond: perSecond && perSecond.commits + perSecond.rollbacks,
      note: joinedNote([
        recent && lately(1, `${count(recent.rollbacks)} rolled back`, row),
        recent && lately(1, `${count(recent.deadlocks)} deadlocks`, row),
        recent && recent.conflicts > 0 ? lately(1, `${count(recent.conflicts)} cancelled by replay`, row) : '',
      ]),
    }),
    bytesFigure({
      ...named('temporary files'),
      value: row.tempBytes,
      perSecond: perSecond?.tempBytes,
      note: joinedNote([
        `${count(row.tempFiles)} files`,
        recent && lately(1, `${bytes(recent.tempBytes)} in ${count(recent.tempFiles)}`, row),
      ]),
    }),
    figureOf({
      ...named('transaction ids'),
      value: used * 100,
      unit: 'percent',
      shown: percent(used * 100),
      severity: used > 0.5 ? 'crit' : used > 0.25 ? 'warn' : 'ok',
      limit: '100%',
      note: `oldest in ${row.oldestDatabase}: ${count(row.xidAge)} ids, ${count(row.multixactAge)} multixacts`,
    }),
  ];
}

function damage(row: CountersRow): readonly Figure[] {
  return [
    countFigure({
      ...named('checksum failures'),
      value: row.checksumFailures,
      shown: row.checksumFailures === undefined ? 'off' : count(row.checksumFailures),
      severity: (row.checksumFailures ?? 0) > 0 ? 'crit' : 'ok',
      note: row.checksumFailures === undefined ? 'the cluster has no checksums: damage is not noticed' : '',
    }),
  ];
}

/** Input and output by kind of process, those that did none left out. */
export const ioFigures = (rows: readonly IoRow[]): readonly Figure[] =>
  rows
    .filter(({reads, writes, extends: extended}) => reads + writes + extended > 0)
    .map(row =>
      bytesFigure({
        key: `io ${row.backend}`,
        subject: 'I/O',
        name: row.backend,
        value: row.readBytes + row.writtenBytes,
        perSecond:
          row.readBytesPerSecond === undefined || row.writtenBytesPerSecond === undefined
            ? undefined
            : row.readBytesPerSecond + row.writtenBytesPerSecond,
        note: joinedNote([
          `read ${bytes(row.readBytes)}${each(row.readMs, row.reads)}`,
          `written ${bytes(row.writtenBytes)}${each(row.writeMs, row.writes)}`,
          row.extends > 0 ? `extended ${count(row.extends)}` : '',
          row.readsPerSecond === undefined ? '' : `${count(row.readsPerSecond)} reads/s`,
          row.writesPerSecond === undefined ? '' : `${count(row.writesPerSecond)} writes/s`,
        ]),
      }),
    );

const each = (ms: number | undefined, times: number): string =>
  ms === undefined || times === 0 ? '' : ` (${duration(ms / times)} each)`;
