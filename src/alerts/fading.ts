import type {Micros} from '../core/time.ts';
import type {Alert} from '../model/state.ts';

/** What caused an effect, by its id, and when both were seen last. */
export type Causes = ReadonlyMap<string, {readonly cause: string; readonly at: Micros}>;

/** So long an effect outlives its cause before it is an alert of its own. */
const FADES: Micros = 10_000_000;

/**
 * The alerts as effects of what has just ended: a dead service that is back is followed by its channels some seconds later,
 * which are no new trouble. They keep `causedBy` for ten seconds.
 */
export function withFading(
  alerts: readonly Alert[],
  before: Causes,
  now: Micros,
): {readonly causes: Causes; readonly fading: readonly Alert[]} {
  const standing = new Set(alerts.map(({id}) => id));
  const causes = new Map<string, {readonly cause: string; readonly at: Micros}>();
  const fading = alerts.map((alert): Alert => {
    if (alert.causedBy !== undefined && standing.has(alert.causedBy)) {
      causes.set(alert.id, {cause: alert.causedBy, at: now});
      return alert;
    }
    const last = before.get(alert.id);
    if (last === undefined || standing.has(last.cause) || now - last.at > FADES) return alert;
    causes.set(alert.id, last);
    return {...alert, causedBy: last.cause, fading: true};
  });
  return {causes, fading};
}
