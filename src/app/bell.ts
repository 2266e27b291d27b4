import type {Alert} from '../model/state.ts';
import type {Store} from '../store/store.ts';

/** Somebody should look at it now: nobody has taken it on or muted it, and it is no mere effect. */
const isCalling = ({severity, acknowledged, mutedUntil, causedBy, unknownSince}: Alert): boolean =>
  severity === 'crit' &&
  acknowledged === undefined &&
  mutedUntil === undefined &&
  causedBy === undefined &&
  unknownSince === undefined;

/** Rings when an alert becomes critical: once for all that do so together, and once until it ends. Gives what stops it. */
export function ringForCritical(store: Pick<Store, 'get' | 'subscribe'>, ring: () => void): () => void {
  let rung: ReadonlySet<string> = new Set();
  return store.subscribe(() => {
    const {alerts} = store.get();
    const critical = alerts.filter(({severity}) => severity === 'crit').map(({id}) => id);
    const calling = alerts.filter(isCalling).map(({id}) => id);
    if (calling.some(id => !rung.has(id))) ring();
    rung = new Set([...critical.filter(id => rung.has(id)), ...calling]);
  });
}
