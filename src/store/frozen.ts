import type {Frozen, State} from '../model/state.ts';

/** The part of a State that a paused screen keeps: the rows and their time. Alerts, clock and actions go on. */
export const freeze = ({at, samples, bus, pools}: State): Frozen => ({at, samples, bus, pools});

/** The State that the panes show: while paused that of the moment of the pause, otherwise the present one. */
export const seenState = (state: State): State =>
  state.ui.paused && state.frozen !== undefined ? {...state, ...state.frozen} : state;
