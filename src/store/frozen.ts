import type {Frozen, State} from '../model/state.ts';

/** What `p` holds still: the rows and their time. Alerts, clock and actions go on. */
export const freeze = ({at, samples, bus, pools}: State): Frozen => ({at, samples, bus, pools});

/** The State that the panes show: that of the moment of `p`, or the present one. */
export const seenState = (state: State): State =>
  state.ui.paused && state.frozen !== undefined ? {...state, ...state.frozen} : state;
