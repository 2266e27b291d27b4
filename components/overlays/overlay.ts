import {alertBarHeight} from '../layout.ts';
import type {Line, Style} from '../lines/theme.ts';

/** A list over the panes: what it shows, as data. Its middle is scrolled where it is longer than the screen. */
export type OverlayContent = {
  /** In the upper edge, at the left and at the right. */
  readonly title: Line;
  readonly right: Line;
  /** In the lower edge: the keys. */
  readonly foot: Line;
  readonly tone: Style;
  /** Lines that stay at the top and at the bottom. */
  readonly top: readonly Line[];
  readonly bottom: readonly Line[];
  /** The middle. */
  readonly lines: readonly Line[];
  /** The first line in sight, or the line that is kept in sight because it is selected. */
  readonly scroll: number | {readonly at: number};
};

/** A list over the panes, with its size. */
export type OverlayLayout = {
  readonly content: OverlayContent;
  /** In cells and lines, the frame included. */
  readonly width: number;
  readonly height: number;
  /** Lines of the middle that are seen at once. */
  readonly page: number;
};

/** Width in cells of an overlay that wants `most`, its frame included. */
export const overlayWidth = (columns: number, most: number): number =>
  Math.min(columns - (columns >= 90 ? 8 : 2), most);

/** Cells of a line inside an overlay: without the frame and a space on either side. */
export const innerWidth = (width: number): number => width - 4;

/** The size of an overlay with `fixed` lines besides the `total` ones of its middle, of which a page is seen. */
export function overlayHeight(
  rows: number,
  fixed: number,
  total: number,
): {readonly height: number; readonly page: number} {
  const height = Math.min(lastLine(rows) - 1, fixed + 2 + total);
  return {height, page: Math.max(1, height - fixed - 2)};
}

/** The line below the last one that an overlay may cover: what a key in it answers is seen in the alert bar. */
const lastLine = (rows: number): number => rows - alertBarHeight(rows) - 1;

/** The line of the screen at which an overlay of this height begins: in the middle, and above the alert bar. */
export const overlayTop = (rows: number, height: number): number =>
  Math.max(1, Math.min(Math.floor((rows - height) / 2), lastLine(rows) - height));
