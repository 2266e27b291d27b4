import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {defineEdit, type EditSpec, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import type {EditOptions} from './plan.ts';

/** Risk events in risk_management.risk_events: who acknowledged them, and whether they are resolved. */
export const eventEdit: EditSpec = {
  id: 'acknowledge',
  title: 'Acknowledge risk event',
  help: 'Acknowledges risk events, or marks them as resolved: `tradetop ack`.',
  schema: 'risk_management',
  name: 'risk_events',
  idColumn: 'id',
  read: 'actions/events',
  right: 'events',
  label: key => `event ${key}`,
  edit,
  state: row =>
    [
      row.acknowledged_at === null
        ? 'open'
        : `acknowledged by ${row.acknowledged_by} at ${isoOf(row.acknowledged_at) ?? row.acknowledged_at}`,
      ...(row.resolved_at === null ? [] : [`resolved at ${isoOf(row.resolved_at) ?? row.resolved_at}`]),
    ].join(', '),
  facts: (key, row, {set}) => [
    fact(`event ${key}`, row ? eventWords(row) : 'none', row?.severity === 'critical'),
    ...('acknowledged_by' in set ? [fact('acknowledged by', String(set.acknowledged_by))] : []),
    ...('resolved_at' in set ? [fact('resolved', 'yes')] : []),
  ],
};

export const acknowledgeAction = defineEdit(eventEdit);

/** `critical max_position_value, ACC-1, AAPL: nears its limit`. */
const eventWords = (row: Raw): string =>
  sanitise(
    `${[`${row.severity} ${row.event_type}`, row.account_id, row.strategy, row.symbol].filter(w => w !== null).join(', ')}: ${row.message}`,
    300,
  );

// `now` is the transaction's start by the server's clock.
function edit(key: string, row: Raw | undefined, {resolve = false}: EditOptions, who: string): RowEdit | string {
  if (!row) return `There is no risk event ${sanitise(key, 40)}. See: tradetop ack list`;
  const acknowledged = row.acknowledged_at !== null;
  if (acknowledged && !(resolve && row.resolved_at === null)) return `Event ${key} is already ${eventEdit.state(row)}.`;
  return {
    set: {
      ...(acknowledged ? {} : {acknowledged_at: 'now', acknowledged_by: who}),
      ...(resolve ? {resolved_at: 'now'} : {}),
    },
  };
}
