import type {Micros} from '../core/time.ts';
import {isMain, PANE_IDS} from '../model/panes.ts';
import type {Overlay, PaneId, PaneUi, UiState} from '../model/ui-state.ts';

/** The intervals that `+` and `-` step through, in milliseconds. @internal */
export const REFRESH_STEPS = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

/** How long a note stays on the screen. */
export const NOTE_MICROS = 5_000_000;

/** Everything that can happen to the UiState. */
export type UiInput =
  | {readonly kind: 'focus'; readonly pane: PaneId}
  | {readonly kind: 'cycle'; readonly by: 1 | -1}
  | {readonly kind: 'zoom'; readonly on: boolean}
  | {readonly kind: 'pause'; readonly on: boolean}
  | {readonly kind: 'wide'; readonly on: boolean}
  | {readonly kind: 'refresh'; readonly ms: number}
  | {readonly kind: 'read_only'; readonly on: boolean}
  | {readonly kind: 'pane'; readonly pane: PaneId; readonly change: Partial<PaneUi>}
  | {readonly kind: 'overlay'; readonly overlay: Overlay | undefined}
  | {readonly kind: 'note'; readonly text: string; readonly at: Micros};

const PANE: PaneUi = {selected: undefined, filter: '', sort: undefined, reverse: false};

/** The screen's state when the console opens. */
export function initialUi(start: {readonly refreshMs: number; readonly readOnly: boolean}): UiState {
  return {
    focus: 'trades',
    zoomed: false,
    paused: false,
    wide: false,
    refreshMs: start.refreshMs,
    readOnly: start.readOnly,
    panes: Object.fromEntries(PANE_IDS.map(id => [id, PANE])) as Record<PaneId, PaneUi>,
    overlay: undefined,
    note: undefined,
  };
}

/** The cold lane: one change of the UiState. Returns the same object when nothing changed. */
export function reduceUi(ui: UiState, input: UiInput): UiState {
  switch (input.kind) {
    case 'focus':
      return focused(ui, input.pane);
    case 'cycle': {
      const place = PANE_IDS.indexOf(ui.focus) + input.by + PANE_IDS.length;
      return focused(ui, PANE_IDS[place % PANE_IDS.length] ?? ui.focus);
    }
    case 'zoom':
      return {...ui, zoomed: input.on};
    case 'pause':
      return {...ui, paused: input.on};
    case 'wide':
      return {...ui, wide: input.on};
    case 'refresh':
      return {...ui, refreshMs: input.ms};
    case 'read_only':
      return {...ui, readOnly: input.on};
    case 'pane':
      return {...ui, panes: {...ui.panes, [input.pane]: {...ui.panes[input.pane], ...input.change}}};
    case 'overlay':
      return {...ui, overlay: input.overlay};
    case 'note':
      return {...ui, note: {text: input.text, at: input.at}};
  }
}

function focused(ui: UiState, pane: PaneId): UiState {
  if (pane === ui.focus) return ui;
  return {...ui, focus: pane, ...(isMain(pane) ? {home: pane} : isMain(ui.focus) ? {home: ui.focus} : {})};
}

/** The next longer (`1`) or shorter (`-1`) interval; the same at either end. */
export function refreshStep(ms: number, by: 1 | -1): number {
  const steps: readonly number[] = REFRESH_STEPS;
  const next = by === 1 ? steps.find(step => step > ms) : steps.findLast(step => step < ms);
  return next ?? ms;
}

/** The filter that a pane's rows go through now: what is being typed counts at once. */
export function liveFilter(ui: UiState, pane: PaneId): string {
  const {overlay} = ui;
  return overlay?.kind === 'filter' && overlay.pane === pane ? overlay.text : ui.panes[pane].filter;
}

/** The place of the selected row among these: of the row itself, or of what stands where it stood when it is gone. */
export function selectedIndex({selected, index: place = 0}: PaneUi, keys: readonly string[]): number {
  const found = selected === undefined ? 0 : keys.indexOf(selected);
  return found >= 0 ? found : Math.max(0, Math.min(place, keys.length - 1));
}
