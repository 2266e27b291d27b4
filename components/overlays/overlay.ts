import type {State} from '../../src/model/state.ts';
import type {Line, Style, Theme} from '../lines/theme.ts';
import {actSheet} from './action-dialog.ts';
import {checksSheet} from './checks.ts';
import {chooserSheet} from './chooser.ts';
import {detailsSheet} from './details.ts';
import {helpSheet} from './help.ts';
import {rejectSheet} from './reject.ts';
import {rejectsSheet} from './rejects.ts';

/** What lies over the panes: a framed list of lines, of which the middle is scrolled. */
export type Sheet = {
  readonly title: Line;
  readonly right: Line;
  readonly foot: Line;
  readonly tone: Style;
  /** Lines that stay at the top, and at the bottom. */
  readonly top: readonly Line[];
  readonly bottom: readonly Line[];
  readonly lines: readonly Line[];
  /** The first line that is seen. A list with a selection names its place instead: it is kept in sight. */
  readonly scroll: number | {readonly at: number};
};

export type SheetBox = {
  readonly sheet: Sheet;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Lines of the middle that are seen at once. */
  readonly page: number;
};

/** The sheet that lies over the panes, and where; undefined when there is none. */
export function sheetBox(state: State, columns: number, rows: number, theme: Theme): SheetBox | undefined {
  const most = state.ui.overlay?.kind === 'act' ? 84 : 112;
  const width = Math.min(columns - (columns >= 90 ? 8 : 2), most);
  const sheet = sheetOf(state, width - 4, theme);
  if (sheet === undefined) return undefined;
  const fixed = sheet.top.length + sheet.bottom.length + 2;
  const height = Math.min(rows - 2, fixed + sheet.lines.length);
  return {
    sheet,
    width,
    height,
    x: Math.floor((columns - width) / 2),
    y: Math.max(1, Math.floor((rows - height) / 2)),
    page: Math.max(1, height - fixed),
  };
}

function sheetOf(state: State, inner: number, theme: Theme): Sheet | undefined {
  const {overlay} = state.ui;
  switch (overlay?.kind) {
    case 'help':
      return helpSheet(state, overlay.scroll, inner, theme);
    case 'details':
      return detailsSheet(state, overlay, inner);
    case 'checks':
      return checksSheet(state, overlay.scroll, inner);
    case 'reject':
      return rejectSheet(state, overlay, inner);
    case 'rejects':
      return rejectsSheet(state, overlay.selected, inner);
    case 'chooser':
      return chooserSheet(state, overlay, inner);
    case 'act':
      return state.acting && actSheet(state, state.acting, overlay, inner, theme);
    default:
      return undefined;
  }
}
