import {bytes, percent} from '../../../src/core/format.ts';
import {byWorst} from '../../../src/core/severity.ts';
import type {State} from '../../../src/model/state.ts';
import {remark, statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {serverColumns} from './columns.ts';
import type {Figure} from './figure.ts';
import {ioFigures, postgresFigures} from './postgres.ts';
import {redisFigures} from './redis.ts';
import {horizonFigures, receiverFigures, settingFigures, slotFigures} from './replication.ts';

/** PostgreSQL as a server, and Redis beside it: what they do, how much they have left, and what holds them up. */
export const serverPane = definePane({
  id: 'server',
  title: 'Server',
  columns: serverColumns,
  select: ({samples, at}: State) => {
    const {counters, io, receivers, slots, horizons, settings, settings_changed: changed, server, redis} = samples;
    return {
      status: statusOf(counters, at),
      counters: counters.rows[0],
      io: io.rows,
      receivers: receivers.rows,
      slots: slots.rows,
      horizons: horizons.rows,
      settings: settings.rows,
      changed: changed.rows,
      server: server.rows[0],
      redis: redis.rows[0],
      // Ages in the notes go on by the minute: the pane is not drawn anew for each second.
      minute: Math.floor(at / 60e6) * 60e6,
      // A second source that fails must not look like a good one.
      replicationFails: remark('replication', receivers, at),
      horizonFails: remark('xmin horizon', horizons, at),
      settingsFail: remark('settings', settings, at),
      redisFails: remark('Redis', redis, at),
    };
  },
  rows: (data): readonly Figure[] => {
    const {counters, io, receivers, slots, horizons, settings, changed, server, redis, minute: now} = data;
    const all = [
      ...postgresFigures(counters, server, now),
      ...receiverFigures(receivers),
      ...slotFigures(slots, now),
      ...horizonFigures(horizons),
      ...redisFigures(redis, now),
      ...ioFigures(io),
      ...settingFigures(settings, changed, now),
    ];
    return all.toSorted(byWorst);
  },
  rowKey: row => row.key,
  head: (data, rows) => verdict(rows, failuresOf(data).length),
  foot: ({counters, redis}) => [
    [
      [
        counters?.perSecond === undefined ? '' : `WAL ${bytes(counters.perSecond.walBytes)}/s`,
        counters === undefined ? '' : `connections ${counters.connections}/${counters.maxConnections}`,
        redis === undefined ? '' : `Redis ${bytes(redis.memoryBytes)}`,
      ]
        .filter(Boolean)
        .join(' · '),
      'faint',
    ],
  ],
  remarks: failuresOf,
  empty: 'the server gave no figures',
  brief: (data, rows): Line => {
    const {counters} = data;
    const failures = failuresOf(data).length;
    if (rows.some(row => row.severity !== 'ok') || counters === undefined || failures > 0)
      return verdict(rows, failures);
    const {connections, maxConnections, perSecond} = counters;
    const used = percent((connections * 100) / Math.max(1, maxConnections), 0);
    const wal = perSecond === undefined ? '' : ` · WAL ${bytes(perSecond.walBytes)}/s`;
    return [[`${connections}/${maxConnections} connections (${used})${wal}`]];
  },
});

type Failures = Readonly<
  Record<'replicationFails' | 'horizonFails' | 'settingsFail' | 'redisFails', string | undefined>
>;

function failuresOf({replicationFails, horizonFails, settingsFail, redisFails}: Failures): readonly string[] {
  return [replicationFails, horizonFails, settingsFail, redisFails].filter(line => line !== undefined);
}

/** The worst figure, or that there is none; where a source fails not everything is known. */
function verdict(rows: readonly Figure[], failures: number): Line {
  const bad = rows.filter(row => row.severity !== 'ok');
  const [first] = bad;
  if (failures > 0 && bad.length === 0)
    return [
      [`${GLYPH.warn} `, 'warn'],
      ['not everything is known', 'strong'],
    ];
  if (first === undefined || first.severity === 'ok')
    return [
      [`${GLYPH.ok} `, 'ok'],
      ['no problems', 'faint'],
    ];
  const more = bad.length > 1 ? ` and ${bad.length - 1} more` : '';
  return [
    [`${GLYPH[first.severity]} `, first.severity],
    [`${first.subject} ${first.name}${more}`, 'strong'],
  ];
}
