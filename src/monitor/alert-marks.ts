import type {Micros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {decode, instant, maybeNumber, maybeText, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

const SQL = 'monitor/alert_marks';

const row = rowSchema({
  alert: text,
  acknowledged_at: instant,
  acknowledged_by: maybeText,
  note: maybeText,
  muted_by: maybeText,
  /** Until it comes back; below 0: it is back. */
  muted_seconds: maybeNumber,
});

/** What operators said of an alert, or of all alerts of a rule. */
export type AlertMarkRow = ReturnType<typeof alertMarkRows>[number];

/** `at`: our clock, by which a mute ends here. */
const alertMarkRows = (raws: readonly Raw[], at: Micros) =>
  decode(row, raws, SQL).map(({mutedSeconds, ...rest}) => ({
    ...rest,
    mutedUntil: mutedSeconds === undefined ? undefined : at + Math.round(mutedSeconds * 1e6),
  }));

/** The acknowledged and the muted alerts, the same for all consoles. */
export const alertMarksPoller: Poller<{alert_marks: AlertMarkRow}> = {
  ids: ['alert_marks'],
  everyMs: 2000,
  unseenMs: 5000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}, _, clock) => ({alert_marks: alertMarkRows(await trading.query(SQL), clock.now())}),
};
