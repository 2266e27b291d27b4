import {holderOf, receiverKey, slotKey} from '../../../src/alerts/replication.ts';
import {age, ageAt, bytes, compact, count, duration} from '../../../src/core/format.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {HorizonRow} from '../../../src/monitor/horizons.ts';
import type {ReceiverRow, SlotRow} from '../../../src/monitor/replication.ts';
import type {SettingRow} from '../../../src/monitor/settings.ts';
import type {SettingsChangedRow} from '../../../src/monitor/settings-changed.ts';
import {bytesFigure, countFigure, type Figure, figureOf, joinedNote} from './figure.ts';

const LATE_SECONDS = 30;
const spans = ({writeSeconds, flushSeconds, replaySeconds}: ReceiverRow): string =>
  [
    writeSeconds === undefined ? '' : `write ${age(writeSeconds)}`,
    flushSeconds === undefined ? '' : `flush ${age(flushSeconds)}`,
    replaySeconds === undefined ? '' : `replay ${age(replaySeconds)}`,
  ]
    .filter(Boolean)
    .join(', ');

/** How far the standbys are behind, or this one. */
export const receiverFigures = (rows: readonly ReceiverRow[]): readonly Figure[] =>
  rows.map(row => {
    const hidden = row.kind === 'standby' && row.state === undefined;
    const self = row.kind === 'self' ? 'this standby' : row.name || 'unnamed';
    return bytesFigure({
      key: receiverKey(row),
      subject: 'Replication',
      name: self,
      value: row.lagBytes,
      severity: hidden || (row.replaySeconds ?? 0) > LATE_SECONDS || row.state === 'not receiving' ? 'warn' : 'ok',
      shown: hidden ? 'denied' : bytes(row.lagBytes),
      note: hidden
        ? 'our role lacks pg_read_all_stats'
        : joinedNote([
            row.state,
            row.syncState,
            spans(row),
            row.client,
            row.role && `as ${row.role}`,
            row.pid === undefined ? '' : `pid ${row.pid}`,
          ]),
    });
  });

/** The WAL that is kept for each slot. */
export const slotFigures = (rows: readonly SlotRow[], now: Micros): readonly Figure[] =>
  rows.map(row => {
    const lost = row.walStatus === 'lost' || row.invalidated !== undefined;
    return bytesFigure({
      key: slotKey(row),
      subject: 'Slot',
      name: row.name,
      value: row.keptBytes,
      severity: lost ? 'crit' : row.active ? 'ok' : 'warn',
      limit: row.safeBytes === undefined ? '' : bytes((row.keptBytes ?? 0) + row.safeBytes),
      note: joinedNote([
        lost ? `lost${row.invalidated === undefined ? '' : ` (${row.invalidated})`}` : '',
        row.active
          ? `read by pid ${row.activePid ?? 'n/a'}`
          : `nobody reads it${row.inactiveSince === undefined ? '' : `, for ${ageAt(row.inactiveSince, now)}`}`,
        `${row.type}${row.database === '' ? '' : ` of ${row.database}`}`,
        row.xminAge === undefined ? '' : `holds rows of ${count(row.xminAge)} transactions`,
      ]),
    });
  });

/** What holds the xmin horizon back, the oldest first. */
export const horizonFigures = (rows: readonly HorizonRow[]): readonly Figure[] =>
  rows.map((row, i) =>
    countFigure({
      key: `horizon ${row.kind} ${row.sessionKey ?? row.label}`,
      subject: 'Horizon',
      name: row.kind,
      value: row.xids,
      unit: 'transactions',
      shown: compact(row.xids),
      note: joinedNote([
        holderOf(row),
        row.seconds === undefined ? '' : `for ${age(row.seconds)}`,
        row.database,
        i === 0 ? 'VACUUM keeps what died since' : '',
      ]),
    }),
  );

const BYTES: Readonly<Record<string, number>> = {B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3};
const MILLISECONDS: Readonly<Record<string, number>> = {us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000};

/** A setting in the units that people use: `16384` of `8kB` is 128 MB. Special values, as -1, stay as they are. */
function settingText(value: string, unit: string): string {
  const [, times = '', of = ''] = /^(\d*)(\w+)$/.exec(unit) ?? [];
  const n = Number(value) * Number(times || 1);
  if (value === '' || !(n > 0)) return value || '–';
  if (BYTES[of] !== undefined) return bytes(n * BYTES[of]);
  return MILLISECONDS[of] !== undefined ? duration(n * MILLISECONDS[of]) : value;
}

/** Settings: what waits for a restart and what changed first. */
export function settingFigures(
  settings: readonly SettingRow[],
  changed: readonly SettingsChangedRow[],
  now: Micros,
): readonly Figure[] {
  const changes = new Map(changed.map(row => [row.name as string, row]));
  const figures = settings.map(({name, value, unit, source, pendingRestart, shipped}) => {
    const change = changes.get(name);
    return figureOf({
      key: `setting ${name}`,
      subject: 'Setting',
      name,
      value,
      unit,
      severity: pendingRestart ? 'warn' : 'ok',
      shown: settingText(value, unit),
      note: joinedNote([
        pendingRestart ? 'waits for a restart' : '',
        change?.before === undefined ? '' : `was ${change.before} until ${ageAt(change.at, now)} ago`,
        value === shipped ? '' : `shipped: ${settingText(shipped, unit)}`,
        source === 'default' ? '' : source,
      ]),
    });
  });
  return figures.toSorted((a, b) => Number(changes.has(b.name)) - Number(changes.has(a.name)));
}
