import type {BoxProps, DOMElement} from 'ink';
import {createRows, type Piece, type Row, type ScreenRows} from './rows.ts';

/** Size of a terminal in cells. */
export type Size = {readonly columns: number; readonly rows: number};

type Child = DOMElement['childNodes'][number];
type Place = {readonly x: number; readonly y: number};
type Border = Exclude<BoxProps['borderStyle'], string | undefined>;

const ROUND: Border = {
  topLeft: '╭',
  top: '─',
  topRight: '╮',
  right: '│',
  bottomRight: '╯',
  bottom: '─',
  bottomLeft: '╰',
  left: '│',
};
const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/**
 * Reads frames from what Ink has laid out. Ink's own way to a frame makes a cell of every character anew and measures
 * every line again, which is more than half of what a frame costs; here a row that was drawn lately costs nothing. It knows
 * what our components use: boxes with and without a border, and texts of one line that are cut at the right.
 */
export function createFrameReader(): (root: DOMElement, size: Size) => ScreenRows {
  let size: Size = {columns: 0, rows: 0};
  let rowOf: (pieces: readonly Piece[]) => Row = () => ({glyphs: [], styles: [], plain: true});
  return (root, {columns, rows}) => {
    if (columns !== size.columns || rows !== size.rows) rowOf = createRows(columns, rows * 4);
    size = {columns, rows};
    const lines = Array.from({length: rows}, (): Piece[] => []);
    walk(root, {x: 0, y: 0}, (y, piece) => lines[y]?.push(piece));
    return lines.map(rowOf);
  };
}

type Lay = (y: number, piece: Piece) => void;

function walk(node: Child, parent: Place, lay: Lay): void {
  const {yogaNode} = node;
  if (yogaNode === undefined || node.nodeName === '#text') return;
  const [x, y] = [parent.x + yogaNode.getComputedLeft(), parent.y + yogaNode.getComputedTop()];
  if (node.nodeName === 'ink-text') {
    const text = textOf(node);
    if (text !== '') lay(y, {x, room: yogaNode.getComputedWidth(), text});
    return;
  }
  if (node.style.borderStyle !== undefined) {
    layBorder(node, {x, y}, yogaNode.getComputedWidth(), yogaNode.getComputedHeight(), lay);
  }
  for (const child of node.childNodes) walk(child, {x, y}, lay);
}

function textOf(node: DOMElement): string {
  let text = '';
  for (const child of node.childNodes) text += child.nodeName === '#text' ? child.nodeValue : textOf(child);
  return node.internal_transform?.(text, 0) ?? text;
}

function layBorder({style}: DOMElement, {x, y}: Place, width: number, height: number, lay: Lay): void {
  if (width < 2 || height < 2) return;
  const box = typeof style.borderStyle === 'object' ? (style.borderStyle as Border) : ROUND;
  const colour = COLOURS.indexOf(style.borderColor ?? '');
  const [open, close] = [
    `${style.borderDimColor === true ? '\x1b[2m' : ''}${colour < 0 ? '' : `\x1b[${30 + colour}m`}`,
    '\x1b[m',
  ];
  const edge = (left: string, line: string, right: string) => ({
    x,
    room: width,
    text: `${open}${left}${line.repeat(width - 2)}${right}${close}`,
  });
  lay(y, edge(box.topLeft, box.top, box.topRight));
  const [left, right] = [box.left, box.right].map(side => `${open}${side}${close}`) as [string, string];
  for (let i = 1; i < height - 1; i++) {
    lay(y + i, {x, room: 1, text: left});
    lay(y + i, {x: x + width - 1, room: 1, text: right});
  }
  lay(y + height - 1, edge(box.bottomLeft, box.bottom, box.bottomRight));
}
