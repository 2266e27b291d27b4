import type {PaneId, UiState} from '../src/model/ui-state.ts';
import {GRID_PANES, PANES} from './panes/index.ts';

type PaneBox = {readonly id: PaneId; readonly width: number; readonly height: number};

/** How the screen is divided. */
export type Layout =
  /** Too small for panes: the screen says so, and shows the alerts. */
  | {readonly kind: 'small'}
  | {
      readonly kind: 'grid' | 'stack' | 'zoom';
      /** Lines of the header. */
      readonly header: 1 | 2;
      /** Rows of panes from above. */
      readonly boxes: readonly (readonly PaneBox[])[];
      /** The panes that have one line each. */
      readonly brief: readonly PaneId[];
      /** Lines for alerts and notes. */
      readonly alertBar: number;
    };

/** Least size for panes, and for the grid of four. */
export const LEAST = {columns: 60, rows: 15} as const;
const GRID = {columns: 120, rows: 30} as const;

/** From this many rows on, each pane that is not in the grid has a line below it. */
const TALL = 40;
/** Further panes have no line: it would take too much room from the pane that is whole. */
const MOST_BRIEF = 4;

const isMain = (id: PaneId): boolean => GRID_PANES.includes(id);
const ALL_PANES = PANES.map(pane => pane.id);

/** Lines for alerts and notes, which no overlay covers, on a screen of so many rows. */
export const alertBarHeight = (rows: number): number => (rows >= 50 ? 3 : 1);

/**
 * Divides the screen. From 120×30 on, the four main panes share it; another pane has it whole while it has the focus.
 * Below that size the pane in focus is whole. The first of the other panes have a line each. Below 60×15 there is none.
 */
export function layoutOf(ui: UiState, columns: number, rows: number, panes: readonly PaneId[] = ALL_PANES): Layout {
  if (columns < LEAST.columns || rows < LEAST.rows) return {kind: 'small'};
  const header = rows >= GRID.rows || (rows >= 24 && columns >= 100) ? 2 : 1;
  const alertBar = alertBarHeight(rows);
  const space = rows - header - alertBar - 1;
  const whole = (height: number) => [[{id: ui.focus, width: columns, height}]];
  if (ui.zoomed) return {kind: 'zoom', header, alertBar, boxes: whole(space), brief: []};
  if (columns < GRID.columns || rows < GRID.rows || !isMain(ui.focus)) {
    const brief = panes.filter(id => id !== ui.focus).slice(0, MOST_BRIEF);
    return {kind: 'stack', header, alertBar, boxes: whole(space - brief.length), brief};
  }
  const brief = rows < TALL ? [] : panes.filter(id => !isMain(id)).slice(0, MOST_BRIEF);
  const grid = space - brief.length;
  const left = Math.ceil(columns / 2);
  const top = Math.ceil(grid / 2);
  const line = (ids: readonly [PaneId, PaneId], height: number) => [
    {id: ids[0], width: left, height},
    {id: ids[1], width: columns - left, height},
  ];
  return {
    kind: 'grid',
    header,
    alertBar,
    boxes: [line([GRID_PANES[0], GRID_PANES[1]], top), line([GRID_PANES[2], GRID_PANES[3]], grid - top)],
    brief,
  };
}
