import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {EditOptions} from './action.ts';
import {defineEdit, type Editing, type Wanted} from './edit-rows.ts';
import {fact} from './facts.ts';

/** The events in risk_management.risk_events: that somebody has seen them, and that they are settled. */
export const eventEditing: Editing = {
  id: 'acknowledge',
  title: 'Acknowledge risk event',
  help: 'Notes who has seen risk events, and whether they are settled: `tradetop ack`.',
  schema: 'risk_management',
  name: 'risk_events',
  idColumn: 'id',
  read: 'actions/events',
  right: 'events',
  named: key => `event ${key}`,
  wanted,
  state: row =>
    [
      row.acknowledged_at === null
        ? 'open'
        : `acknowledged by ${row.acknowledged_by} at ${isoOf(row.acknowledged_at) ?? row.acknowledged_at}`,
      ...(row.resolved_at === null ? [] : [`settled at ${isoOf(row.resolved_at) ?? row.resolved_at}`]),
    ].join(', '),
  facts: (key, row, {set}) => [
    fact(`event ${key}`, row ? eventWords(row) : 'none', row?.severity === 'critical'),
    ...('acknowledged_by' in set ? [fact('seen by', String(set.acknowledged_by))] : []),
    ...('resolved_at' in set ? [fact('settled', 'yes')] : []),
  ],
};

export const acknowledgeEdit = defineEdit(eventEditing);

/** `critical max_position_value, ACC-1, AAPL: nears its limit`. */
export const eventWords = (row: Raw): string =>
  sanitise(
    `${[`${row.severity} ${row.event_type}`, row.account_id, row.strategy, row.symbol].filter(w => w !== null).join(', ')}: ${row.message}`,
    300,
  );

// `now` is the transaction's time, of the server's clock.
function wanted(key: string, row: Raw | undefined, {resolve = false}: EditOptions, who: string): Wanted | string {
  if (!row) return `There is no risk event ${sanitise(key, 40)}. See: tradetop ack list`;
  const seen = row.acknowledged_at !== null;
  if (seen && !(resolve && row.resolved_at === null)) return `Event ${key} is ${eventEditing.state(row)} already.`;
  return {
    set: {
      ...(seen ? {} : {acknowledged_at: 'now', acknowledged_by: who}),
      ...(resolve ? {resolved_at: 'now'} : {}),
    },
  };
}
