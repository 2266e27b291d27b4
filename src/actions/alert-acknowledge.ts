import {sanitise} from '../core/sanitise.ts';
import {insertOf, MARKS, wrongId} from './alert-marks.ts';
import {defineEdit, type EditSpec} from './edit-rows.ts';
import {fact} from './facts.ts';

const MAX_NOTE = 500;

/** Acknowledges alerts: they stay, behind the others, until they end. */
export const alertAcknowledgeEdit: EditSpec = {
  ...MARKS,
  id: 'acknowledge-alert',
  title: 'Acknowledge alert',
  help: 'Acknowledges alerts, for all consoles, until they end: `tradetop alerts ack`.',
  edit: (key, row, {note}, who) =>
    wrongId(key) ??
    ((note?.length ?? 0) > MAX_NOTE
      ? `A note has at most ${MAX_NOTE} characters.`
      : {
          set: {acknowledged_at: 'now', acknowledged_by: who, note: note ?? null, updated_by: who},
          ...insertOf(row, [key, who, note ?? null, null]),
        }),
  facts: (key, row, {set}) => [
    fact(MARKS.label(key), row ? MARKS.state(row) : 'not acknowledged'),
    ...(set.note === null ? [] : [fact('note', sanitise(String(set.note)))]),
  ],
};

export const alertAcknowledgeAction = defineEdit(alertAcknowledgeEdit);
