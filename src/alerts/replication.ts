import {age, bytes, compact} from '../core/format.ts';
import type {HorizonRow} from '../monitor/horizons.ts';
import type {ReceiverRow, SlotRow} from '../monitor/replication.ts';
import {near} from './limits.ts';
import {type AlertFinding, type AlertRule, found, measured} from './rule.ts';

const GB = 1024 ** 3;

/** Who holds the horizon, in a few words. */
export function holderOf({kind, pid, label, service, state}: HorizonRow): string {
  if (kind === 'replication slot') return `replication slot ${label} (${state})`;
  if (kind === 'prepared transaction') return `prepared transaction ${label}`;
  return kind === 'standby' ? `standby ${label}` : `pid ${pid} (${service ?? label}), ${state || 'no state'}`;
}

/** The key of a slot's row in the Server pane. */
export const slotKey = ({name}: SlotRow): string => `slot ${name}`;

/** The key of a receiver's row in the Server pane. */
export const receiverKey = ({kind, name, pid}: ReceiverRow): string => `${kind} ${name} ${pid ?? ''}`;

const receiver = (row: ReceiverRow): string => (row.kind === 'self' ? 'This standby' : `Standby ${row.name}`);

/** Standbys, replication slots, and what else makes the server keep what is old. */
export const replicationRules: readonly AlertRule[] = [
  {
    id: 'replication_lag',
    when: 'a standby is far behind',
    needs: ['receivers'],
    owner: 'database',
    todo: 'Look at the standby’s load, disk and network; a long query there can hold replay up.',
    limits: {unit: 'seconds', warn: 30, crit: 300, clear: 10},
    find: ({samples: {receivers}}, limits) =>
      receivers.rows
        .filter(({replaySeconds = 0}) => near(replaySeconds, limits))
        .flatMap(row =>
          measured(row.replaySeconds ?? 0, {
            subject: row.name || 'self',
            text: `${receiver(row)} is ${age(row.replaySeconds)} behind (${bytes(row.lagBytes)})`,
            row: {pane: 'server', key: receiverKey(row)},
          }),
        ),
  },
  {
    id: 'slot_unused',
    when: 'nobody reads a replication slot',
    needs: ['slots'],
    owner: 'database',
    todo: 'Start its reader, or drop the slot (: drop-slot here, tradetop maintain drop-slot): it keeps WAL until the disk is full.',
    limits: {unit: 'bytes', warn: -1, crit: 2 * GB, forSeconds: 15},
    find: ({samples: {slots}}) =>
      slots.rows
        .filter(({active, invalidated}) => !active && invalidated === undefined)
        .flatMap(row =>
          measured(row.keptBytes ?? 0, {
            subject: row.name,
            text: `Nobody reads replication slot ${row.name}: ${bytes(row.keptBytes ?? 0)} of WAL are kept for it`,
            since: row.inactiveSince,
            row: {pane: 'server', key: slotKey(row)},
          }),
        ),
  },
  {
    id: 'slot_kept',
    when: 'the server keeps much WAL for a replication slot, or has lost it',
    needs: ['slots'],
    owner: 'database',
    todo: 'See why its reader does not confirm what it has; max_slot_wal_keep_size bounds what is kept.',
    limits: {unit: 'bytes', warn: 4 * GB, crit: 20 * GB},
    find: ({samples: {slots}}, limits) =>
      slots.rows.flatMap((row): readonly AlertFinding[] => {
        const told = {subject: row.name, row: {pane: 'server', key: slotKey(row)}} as const;
        const lost = row.walStatus === 'lost' || row.invalidated !== undefined;
        if (lost) {
          const why = row.invalidated === undefined ? '' : ` (${row.invalidated})`;
          return found('crit', {...told, text: `Replication slot ${row.name} is lost: its WAL is gone${why}`});
        }
        if (!near(row.keptBytes ?? 0, limits)) return [];
        return measured(row.keptBytes ?? 0, {
          ...told,
          text: `${bytes(row.keptBytes)} of WAL are kept for slot ${row.name}`,
        });
      }),
  },
  {
    id: 'xmin_horizon',
    when: 'VACUUM cannot remove what died in many transactions',
    needs: ['horizons'],
    owner: 'database',
    todo: 'End what holds it: the session (K in Sessions), ROLLBACK PREPARED, the slot, or hot_standby_feedback.',
    limits: {unit: 'count', warn: 1_000_000, crit: 20_000_000},
    find: ({samples: {horizons}}) =>
      horizons.rows.slice(0, 1).flatMap(row =>
        measured(row.xids, {
          text: `VACUUM cannot remove rows that died in the last ${compact(row.xids)} transactions`,
          cause: `${holderOf(row)} holds the xmin horizon${row.seconds === undefined ? '' : ` for ${age(row.seconds)}`}`,
          row: row.sessionKey === undefined ? undefined : {pane: 'sessions', key: row.sessionKey},
        }),
      ),
  },
];
