import {plural} from '../core/format.ts';
import type {KnownCheck} from '../model/state.ts';
import {checkSeverity, isToldBad} from './check-state.ts';
import {type AlertRule, found} from './rule.ts';

/** Checks whose violations a rule of their own tells, sooner and with more. */
const TOLD_BY_RULES: ReadonlySet<string> = new Set([
  'data_gaps',
  'data_quality',
  'data_quarantine',
  'data_quarantine_trades',
  'health_checksum_failures',
  'health_connections',
  'health_dead_rows',
  'health_idle_in_transaction',
  'health_invalid_indexes',
  'health_lock_waits',
  'health_long_transactions',
  'health_replication_slots',
  'health_wraparound',
  'health_wraparound_near',
  'setup_default_partition',
  'setup_partitions_ahead',
]);

/** A violation in a few words. */
const rowText = (row: KnownCheck['rows'][number]): string =>
  Object.entries(row)
    .map(([name, value]) => (name === 'object' || name === 'problem' ? value : `${name} ${value ?? 'null'}`))
    .join(' · ');

/** What the checks find that no other rule tells. */
export const checkRules: readonly AlertRule[] = [
  {
    id: 'check',
    when: 'a check fails or warns, and no other rule tells of the same',
    needs: ['checks'],
    owner: 'database',
    todo: 'Its own remedy is told with it.',
    find: ({about, checks}) =>
      checks.results
        .filter(result => isToldBad(result, about) && !TOLD_BY_RULES.has(result.id))
        .flatMap(result => {
          const [first, ...others] = result.rows;
          const more =
            others.length === 0 ? '' : `, and ${result.more ? 'at least ' : ''}${plural(others.length, 'more row')}`;
          // A set-up that is not complete wakes nobody.
          return found(result.group === 'setup' ? 'warn' : checkSeverity(result), {
            subject: result.id,
            text: `Not so: ${result.title}${first === undefined ? '' : `: ${rowText(first)}${more}`}`,
            todo: result.remedy,
            since: result.failingSince,
            row: {pane: 'checks', key: result.id},
            causedBy: result.group === 'setup' ? 'not_set_up' : undefined,
          });
        }),
  },
];
