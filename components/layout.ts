import type {PaneId, UiState} from '../src/model/ui-state.ts';

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

/** Least size for panes, for a grid of four, and for one of six. */
export const LEAST = {columns: 60, rows: 15} as const;
const GRID = {columns: 120, rows: 30} as const;
const LARGE = {columns: 200, rows: 50} as const;
/** From so many columns on, a grid of six has three panes side by side. */
const THREE_ABREAST = 270;

/** From this many rows on, each pane of the view that is not in the grid has a line below it. */
const TALL = 40;
/** Further panes have no line: it would take too much room from the pane that is whole. */
const MOST_BRIEF = 4;

/** Lines for alerts and notes, which no overlay covers, on a screen of so many rows. */
export const alertBarHeight = (rows: number): number => (rows >= 50 ? 3 : 1);

const reaches = (columns: number, rows: number, least: {readonly columns: number; readonly rows: number}): boolean =>
  columns >= least.columns && rows >= least.rows;

/** The panes of a view that share the screen where there is room for them: four, or six on a large screen. */
export const gridPanes = (panes: readonly PaneId[], columns: number, rows: number): readonly PaneId[] =>
  panes.slice(0, reaches(columns, rows, LARGE) ? 6 : 4);

/**
 * Divides the screen among the panes of a view. From 120×30 on, its first four share it, from 200×50 on six; another
 * pane has it whole while it has the focus. Below that size the pane in focus is whole, and the first of the others have
 * a line each. Below 60×15 there is none.
 */
export function layoutOf(ui: UiState, columns: number, rows: number, panes: readonly PaneId[]): Layout {
  if (!reaches(columns, rows, LEAST)) return {kind: 'small'};
  const header = rows >= GRID.rows || (rows >= 24 && columns >= 100) ? 2 : 1;
  const alertBar = alertBarHeight(rows);
  const space = rows - header - alertBar - 1;
  const whole = (height: number) => [[{id: ui.focus, width: columns, height}]];
  if (ui.zoomed) return {kind: 'zoom', header, alertBar, boxes: whole(space), brief: []};
  const grid = gridPanes(panes, columns, rows);
  if (!reaches(columns, rows, GRID) || !grid.includes(ui.focus)) {
    const brief = panes.filter(id => id !== ui.focus).slice(0, MOST_BRIEF);
    return {kind: 'stack', header, alertBar, boxes: whole(space - brief.length), brief};
  }
  const brief = rows < TALL ? [] : panes.filter(id => !grid.includes(id)).slice(0, MOST_BRIEF);
  const abreast = grid.length > 4 && columns >= THREE_ABREAST ? 3 : 2;
  const boxes = gridBoxes(grid, abreast, columns, space - brief.length);
  return {kind: 'grid', header, alertBar, boxes, brief};
}

/** Rows of panes that fill this space; the last row may have fewer, which are wider. The first ones get what remains. */
function gridBoxes(
  panes: readonly PaneId[],
  abreast: number,
  columns: number,
  lines: number,
): readonly (readonly PaneBox[])[] {
  const rows = Math.ceil(panes.length / abreast);
  const part = (whole: number, parts: number, index: number) =>
    Math.floor(whole / parts) + (index < whole % parts ? 1 : 0);
  return Array.from({length: rows}, (_, r) => {
    const ids = panes.slice(r * abreast, (r + 1) * abreast);
    return ids.map((id, i) => ({id, width: part(columns, ids.length, i), height: part(lines, rows, r)}));
  });
}
