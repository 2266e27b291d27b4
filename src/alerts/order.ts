import type {Alert} from '../model/state.ts';

/** The most steps from an effect to its cause. */
const MOST_STEPS = 8;

/**
 * The alerts with each effect behind its cause: the worst first, by the worst of a cause and its effects, then those that
 * nobody has acknowledged, then the oldest; muted ones last.
 * An effect whose cause does not stand, or that causes its own cause, is no effect; but one that fades stays one, and stands
 * behind what wants attention.
 */
export function inOrder(alerts: readonly Alert[]): readonly Alert[] {
  const byId = new Map(alerts.map(alert => [alert.id, alert]));
  const groups = new Map<string, {readonly root: Alert; readonly effects: Alert[]}>();
  const roots = alerts.map(alert => rootOf(alert, byId));
  for (const root of new Set(roots)) groups.set(root.id, {root: standing(root), effects: []});
  alerts.forEach((alert, i) => {
    const root = roots[i] as Alert;
    if (root !== alert) groups.get(root.id)?.effects.push({...alert, causedBy: root.id});
  });
  return [...groups.values()]
    .map(({root, effects}) => ({root, effects, weight: Math.max(...[root, ...effects].map(weight))}))
    .toSorted(
      (a, b) =>
        muted(a.root) - muted(b.root) ||
        fades(a.root) - fades(b.root) ||
        b.weight - a.weight ||
        taken(a.root) - taken(b.root) ||
        byAge(a.root, b.root),
    )
    .flatMap(({root, effects}) => [root, ...effects.toSorted((a, b) => weight(b) - weight(a) || byAge(a, b))]);
}

const weight = ({severity}: Alert): number => (severity === 'crit' ? 1 : 0);
const muted = ({mutedUntil}: Alert): number => (mutedUntil === undefined ? 0 : 1);
const fades = ({fading}: Alert): number => (fading === true ? 1 : 0);
const taken = ({acknowledged}: Alert): number => (acknowledged === undefined ? 0 : 1);
const byAge = (a: Alert, b: Alert): number => a.since - b.since || (a.id < b.id ? -1 : 1);
const standing = (root: Alert): Alert =>
  root.fading === true || root.causedBy === undefined ? root : {...root, causedBy: undefined};

function rootOf(alert: Alert, byId: ReadonlyMap<string, Alert>): Alert {
  let root = alert;
  for (let step = 0; step < MOST_STEPS && root.causedBy !== undefined; step++) {
    const cause = byId.get(root.causedBy);
    if (cause === undefined) return root;
    if (cause === alert) return alert;
    root = cause;
  }
  return root;
}
