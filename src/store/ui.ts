import type {Micros} from '../core/time.ts';
import type {Overlay, PaneId, PaneUi, UiState} from '../model/ui-state.ts';
import {VIEWS} from '../model/views.ts';

/** The intervals that `+` and `-` step through, in milliseconds. @internal */
export const REFRESH_STEPS = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

/** How long a note stays on the screen, in microseconds. */
export const NOTE_MICROS = 5_000_000;

/**
 * `view`: the view to go to, default the present one. `home`: the pane of the grid that had the focus last, where it is
 * known.
 */
type FocusInput = {
  readonly kind: 'focus';
  readonly pane: PaneId;
  readonly view?: string;
  readonly home?: PaneId | undefined;
};

/** Goes to a pane by a lead, which changes what it shows. */
type LeadInput = Omit<FocusInput, 'kind'> & {readonly kind: 'lead'; readonly change: Partial<PaneUi>};

/** Everything that can happen to the UiState. */
export type UiInput =
  | FocusInput
  | LeadInput
  /** Goes back to where the last lead began. */
  | {readonly kind: 'return'}
  | {readonly kind: 'zoom'; readonly on: boolean}
  | {readonly kind: 'pause'; readonly on: boolean}
  | {readonly kind: 'refresh'; readonly ms: number}
  | {readonly kind: 'pane'; readonly pane: PaneId; readonly change: Partial<PaneUi>}
  | {readonly kind: 'overlay'; readonly overlay: Overlay | undefined}
  | {readonly kind: 'note'; readonly text: string; readonly at: Micros};

const UNCHANGED: PaneUi = {selected: undefined, filter: '', sort: undefined, reverse: false};

/** What a person has done to a pane; the same object for every pane in which nothing was changed. */
export const paneUi = (ui: UiState, pane: PaneId): PaneUi => ui.panes[pane] ?? UNCHANGED;

/** The screen's state when the console opens. */
export function initialUi(
  start: Pick<UiState, 'focus' | 'refreshMs' | 'readOnly'> & Partial<Pick<UiState, 'view' | 'panes'>>,
): UiState {
  return {
    view: start.view ?? VIEWS[0]?.name ?? '',
    focus: start.focus,
    zoomed: false,
    paused: false,
    refreshMs: start.refreshMs,
    readOnly: start.readOnly,
    panes: start.panes ?? {},
    overlay: undefined,
    note: undefined,
  };
}

/** The cold lane: one change of the UiState. Returns the same object when nothing changed. */
export function reduceUi(ui: UiState, input: UiInput): UiState {
  switch (input.kind) {
    case 'focus':
      return focusOn(ui, input);
    case 'lead':
      return leadTo(ui, input);
    case 'return':
      return goBack(ui);
    case 'zoom':
      return {...ui, zoomed: input.on};
    case 'pause':
      return {...ui, paused: input.on};
    case 'refresh':
      return {...ui, refreshMs: input.ms};
    case 'pane':
      return {...ui, panes: {...ui.panes, [input.pane]: {...paneUi(ui, input.pane), ...input.change}}};
    case 'overlay':
      return {...ui, overlay: input.overlay};
    case 'note':
      return {...ui, note: {text: input.text, at: input.at}};
  }
}

function focusOn(ui: UiState, {pane, view = ui.view, home}: FocusInput): UiState {
  if (pane === ui.focus && view === ui.view) return ui;
  const moved = {...ui, focus: pane, trail: [], ...(home ? {home} : {})};
  return view === ui.view ? moved : {...moved, view, zoomed: false, left: {...ui.left, [ui.view]: ui.focus}};
}

// Steps that are kept.
const LONGEST_TRAIL = 20;

function leadTo(ui: UiState, {change, ...place}: LeadInput): UiState {
  const {view, focus, zoomed} = ui;
  const step = {view, focus, zoomed, to: place.pane, before: paneUi(ui, place.pane)};
  const moved = focusOn(ui, {...place, kind: 'focus'});
  const changed = reduceUi(moved, {kind: 'pane', pane: place.pane, change});
  return {...changed, trail: [...(ui.trail ?? []), step].slice(-LONGEST_TRAIL)};
}

function goBack(ui: UiState): UiState {
  const step = ui.trail?.at(-1);
  if (step === undefined) return ui;
  const {view, focus, zoomed, to, before} = step;
  const moved = focusOn(ui, {kind: 'focus', view, pane: focus});
  return {...moved, zoomed, panes: {...ui.panes, [to]: before}, trail: ui.trail?.slice(0, -1) ?? []};
}

/** The next longer (`1`) or shorter (`-1`) interval in milliseconds; the same at either end. */
export function refreshStep(ms: number, by: 1 | -1): number {
  const steps: readonly number[] = REFRESH_STEPS;
  const next = by === 1 ? steps.find(step => step > ms) : steps.findLast(step => step < ms);
  return next ?? ms;
}

/** The filter of a pane's rows: the text that is being typed applies at once. */
export function liveFilter(ui: UiState, pane: PaneId): string {
  const {overlay} = ui;
  return overlay?.kind === 'filter' && overlay.pane === pane ? overlay.text : paneUi(ui, pane).filter;
}

/** The index of the selected row among these; once it is gone, the index that it had. */
export function selectedIndex({selected, index = 0}: PaneUi, keys: readonly string[]): number {
  const found = selected === undefined ? 0 : keys.indexOf(selected);
  return found >= 0 ? found : Math.max(0, Math.min(index, keys.length - 1));
}
