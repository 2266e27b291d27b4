import type {PaneId} from '../model/ui-state.ts';
import type {View} from '../model/views.ts';
import {type KeyContext, note, type Response} from './handler.ts';
import {PANE_DIGITS} from './keys.ts';

/** Goes to the pane of the view that has the digit. */
export function goToDigit(context: KeyContext): Response {
  const pane = context.viewport.view.panes[PANE_DIGITS.indexOf(context.key)];
  return pane ? goToPane(context, pane) : note(`there is no pane ${context.key} in this view`, context.at);
}

/** Goes to the pane of the view after or before the one in focus. */
export function cyclePanes(context: KeyContext, by: 1 | -1): Response {
  const {panes} = context.viewport.view;
  const now = panes.indexOf(context.state.ui.focus);
  const next = panes[(now + by + panes.length) % panes.length];
  return next ? goToPane(context, next) : {};
}

/** Goes to a view: to the pane that had the focus there last, at first to its first one. */
export function goToView({state}: KeyContext, {name, panes}: View): Response {
  const pane = panes.find(id => id === state.ui.left?.[name]) ?? panes[0];
  return pane === undefined || name === state.ui.view ? {} : {inputs: [{kind: 'focus', view: name, pane, home: pane}]};
}

/** Goes to the view after or before the present one. */
export function cycleViews(context: KeyContext, by: 1 | -1): Response {
  const {views, view} = context.viewport;
  const next = views[(views.indexOf(view) + by + views.length) % views.length];
  return next ? goToView(context, next) : {};
}

/** Where a pane is: in the view of the screen where that has it, else in the first view that has it; undefined: in none. */
export function placeOf(
  {state, viewport}: KeyContext,
  pane: PaneId,
): {readonly pane: PaneId; readonly view?: string; readonly home: PaneId | undefined} | undefined {
  const {views, view, grid} = viewport;
  if (view.panes.includes(pane)) return {pane, home: [pane, state.ui.focus].find(id => grid.includes(id))};
  const other = views.find(({panes}) => panes.slice(0, 4).includes(pane)) ?? views.find(v => v.panes.includes(pane));
  return other && {pane, view: other.name, home: pane};
}

/** Goes to any pane. */
export function goToPane(context: KeyContext, pane: PaneId): Response {
  const place = placeOf(context, pane);
  return place ? {inputs: [{kind: 'focus', ...place}]} : note('no view has this pane', context.at);
}
