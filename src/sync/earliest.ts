import type {Micros} from '../core/time.ts';
import type {SyncEvent} from './sync-event.ts';

/** The earliest of the times that are known; undefined: none is. */
export function earliestTime(times: readonly (Micros | undefined)[]): Micros | undefined {
  const known = times.filter(time => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** The earliest `since` of these events; undefined: there are none. */
export function earliestOf(events: Iterable<SyncEvent>): Micros | undefined {
  let earliest: Micros | undefined;
  for (const {since} of events) if (earliest === undefined || since < earliest) earliest = since;
  return earliest;
}
