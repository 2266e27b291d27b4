import type {State} from '../../src/model/state.ts';
import {alertBarHeight} from '../layout.ts';
import type {Line, Style, Theme} from '../lines/theme.ts';
import {actionDialog} from './action-dialog.ts';
import {checksOverlay} from './checks.ts';
import {chooserOverlay} from './chooser.ts';
import {detailsOverlay} from './details.ts';
import {helpOverlay} from './help.ts';
import {paletteOverlay} from './palette.ts';
import {rejectOverlay} from './reject.ts';
import {rejectsOverlay} from './rejects.ts';

/** What lies over the panes: a framed list of lines, of which the middle is scrolled. */
export type OverlayContent = {
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

export type OverlayLayout = {
  readonly content: OverlayContent;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Lines of the middle that are seen at once. */
  readonly page: number;
};

/** The overlay that lies over the panes, and where; undefined when there is none. */
export function overlayLayout(state: State, columns: number, rows: number, theme: Theme): OverlayLayout | undefined {
  const most = state.ui.overlay?.kind === 'act' ? 84 : 112;
  const width = Math.min(columns - (columns >= 90 ? 8 : 2), most);
  const content = contentOf(state, width - 4, theme);
  if (content === undefined) return undefined;
  const fixed = content.top.length + content.bottom.length + 2;
  // What a key in the overlay answers is seen under it.
  const bottom = rows - alertBarHeight(rows) - 1;
  const height = Math.min(bottom - 1, fixed + content.lines.length);
  return {
    content,
    width,
    height,
    x: Math.floor((columns - width) / 2),
    y: Math.max(1, Math.min(Math.floor((rows - height) / 2), bottom - height)),
    page: Math.max(1, height - fixed),
  };
}

function contentOf(state: State, inner: number, theme: Theme): OverlayContent | undefined {
  const {overlay} = state.ui;
  switch (overlay?.kind) {
    case 'help':
      return helpOverlay(state, overlay.scroll, inner, theme);
    case 'details':
      return detailsOverlay(state, overlay, inner);
    case 'checks':
      return checksOverlay(state, overlay.scroll, inner);
    case 'reject':
      return rejectOverlay(state, overlay, inner);
    case 'rejects':
      return rejectsOverlay(state, overlay.selected, inner);
    case 'chooser':
      return chooserOverlay(state, overlay, inner);
    case 'palette':
      return paletteOverlay(state, overlay, inner, theme);
    case 'act':
      return state.acting && actionDialog(state, state.acting, overlay, inner, theme);
    default:
      return undefined;
  }
}
