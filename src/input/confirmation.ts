import type {State} from '../model/state.ts';

/** Whether the target's name must be typed before an action runs. */
export const mustType = ({about, acting}: State): boolean =>
  about.environment === 'prod' || acting?.plan?.typed === true;

/** Whether characters are typed as the target's name now. */
export const takesName = (state: State): boolean =>
  mustType(state) && state.acting?.phase === 'confirm' && state.acting.plan?.refusal === undefined;

/** Whether Run can be pressed: there is a plan, nothing refuses it, and the target's name was typed where it must be. */
export function canRun(state: State, typed: string): boolean {
  const plan = state.acting?.phase === 'confirm' ? state.acting.plan : undefined;
  if (plan === undefined || plan.refusal !== undefined) return false;
  return !mustType(state) || typed === plan.targetName;
}
