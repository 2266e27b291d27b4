import {PANE_IDS} from '../src/store/ui.ts';
import type {PaneId, UiState} from '../src/store/ui-state.ts';

export type PaneBox = {readonly id: PaneId; readonly width: number; readonly height: number};

/** How the screen is divided. */
export type Layout =
  /** Too small for panes: it says so, and shows the alerts. */
  | {readonly kind: 'small'}
  | {
      readonly kind: 'grid' | 'stack' | 'zoom';
      /** Lines of the header. */
      readonly header: 1 | 2;
      /** Rows of panes from above. */
      readonly boxes: readonly (readonly PaneBox[])[];
      /** The panes that are told in one line each. */
      readonly brief: readonly PaneId[];
      /** Lines for alerts and notes. */
      readonly strip: number;
    };

/** Least size for panes, and for the grid of four. */
export const LEAST = {columns: 60, rows: 15} as const;
export const GRID = {columns: 120, rows: 30} as const;

/**
 * Divides the screen. From 120×30 on, all four panes are whole; below that the one that has the focus is, and the
 * others have a line each; below 60×15 there is none.
 */
export function layoutOf(ui: UiState, columns: number, rows: number): Layout {
  if (columns < LEAST.columns || rows < LEAST.rows) return {kind: 'small'};
  const header = rows >= GRID.rows || (rows >= 24 && columns >= 100) ? 2 : 1;
  const strip = rows >= 50 ? 3 : 1;
  const space = rows - header - strip - 1;
  const whole = (height: number) => [[{id: ui.focus, width: columns, height}]];
  if (ui.zoomed) return {kind: 'zoom', header, strip, boxes: whole(space), brief: []};
  if (columns < GRID.columns || rows < GRID.rows) {
    const brief = PANE_IDS.filter(id => id !== ui.focus);
    return {kind: 'stack', header, strip, boxes: whole(space - brief.length), brief};
  }
  const left = Math.ceil(columns / 2);
  const top = Math.ceil(space / 2);
  const line = (ids: readonly [PaneId, PaneId], height: number) => [
    {id: ids[0], width: left, height},
    {id: ids[1], width: columns - left, height},
  ];
  return {
    kind: 'grid',
    header,
    strip,
    boxes: [line(['trades', 'positions'], top), line(['slow_queries', 'health'], space - top)],
    brief: [],
  };
}
