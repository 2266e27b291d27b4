import {Cron} from 'croner';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';

/** When a cron expression is due. */
export type Timetable = {
  /** The first time after `at`; undefined: never again. */
  readonly next: (at: Micros) => Micros | undefined;
  /** The last time at or before `at`; undefined: there was none. */
  readonly last: (at: Micros) => Micros | undefined;
};

/**
 * Reads a cron expression of five fields in a time zone. Of two times that a change of the clocks makes of one, a job at a
 * fixed time is due once; at one that is left out it is due as soon as the clocks were changed. Throws a UserError where
 * it is not valid, or never due.
 */
export function timetableOf(expression: string, timezone: string): Timetable {
  const wrong = (why: string): UserError =>
    new UserError(
      `The cron expression ${JSON.stringify(sanitise(expression, 80))} cannot be used: ${why}.`,
      'Write minute, hour, day of the month, month, day of the week: "30 2 * * mon-fri". See tradetop maintain --schedule --dry-run.',
    );
  // The library would take a date for an expression that is due once.
  if (/[:T]\d/.test(expression)) throw wrong('it is a time, not an expression');
  let cron: Cron;
  try {
    new Intl.DateTimeFormat('en', {timeZone: timezone});
    cron = new Cron(expression, {timezone, paused: true, mode: '5-part', fixedTimeRule: 'no-wildcard'});
  } catch (error) {
    throw wrong(sanitise((error as Error).message.replace(/^\w+: |\.$/g, ''), 200));
  }
  const micros = (date: Date | null | undefined): Micros | undefined => (date ? date.getTime() * 1000 : undefined);
  const table: Timetable = {
    next: at => micros(cron.nextRun(new Date(Math.floor(at / 1000)))),
    // The library counts in whole seconds and leaves out the moment that it is given.
    last: at => micros(cron.previousRuns(1, new Date((Math.floor(at / 1e6) + 1) * 1000))[0]),
  };
  if (table.next(0) === undefined) throw wrong('it is never due');
  return table;
}
