import {age} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {insertOf, MARKS, wrongId} from './alert-marks.ts';
import {defineEdit, type EditSpec, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import type {EditOptions} from './plan.ts';

/** Without another time an alert is muted for an hour, at most for a month. */
const MUTE_MINUTES = 60;
const MOST_MINUTES = 31 * 24 * 60;

/** Mutes alerts for a time, or brings them back before it is over. */
export const alertMuteEdit: EditSpec = {
  ...MARKS,
  id: 'mute-alert',
  title: 'Mute alert',
  help: 'Mutes alerts for a time (an hour), for all consoles, or brings muted ones back: `tradetop alerts mute`, `unmute`.',
  edit: mute,
  facts: (key, row, {set}) => [
    fact(MARKS.label(key), row ? MARKS.state(row) : 'not muted'),
    fact('muted', set.muted_minutes === null ? 'no longer' : `for ${age(Number(set.muted_minutes) * 60)}`),
  ],
};

export const alertMuteAction = defineEdit(alertMuteEdit);

// Without a choice, as by key, a muted one comes back, and another is muted.
function mute(key: string, row: Raw | undefined, options: EditOptions, who: string): RowEdit | string {
  const {muteMinutes, unmute = muteMinutes === undefined && row?.is_muted === true} = options;
  const wrong = wrongId(key);
  if (wrong !== undefined) return wrong;
  if (unmute) {
    if (row?.is_muted !== true) return `Alert ${sanitise(key, 160)} is not muted.`;
    return {set: {muted_at: null, muted_minutes: null, muted_by: who, updated_by: who}};
  }
  const minutes = muteMinutes ?? MUTE_MINUTES;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES) return 'Mute it for 1 minute to 31 days.';
  return {
    set: {muted_at: 'now', muted_minutes: String(minutes), muted_by: who, updated_by: who},
    ...insertOf(row, [key, who, null, minutes]),
  };
}
