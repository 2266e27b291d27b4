import type {IBufferCell, Terminal} from '@xterm/headless';

const PALETTE = [
  '#1e1e1e',
  '#cd3131',
  '#0dbc79',
  '#c4a500',
  '#3b8eea',
  '#bc3fbc',
  '#11a8cd',
  '#cccccc',
  '#767676',
  '#f14c4c',
  '#23d18b',
  '#f5f543',
  '#6cb6ff',
  '#d670d6',
  '#29b8db',
  '#ffffff',
];
const FOREGROUND = '#d4d4d4';
const BACKGROUND = '#1e1e1e';
const CELL = {width: 8.4, height: 18} as const;

/** Draws a terminal's screen as an SVG picture with its colours: every run of equal cells is one piece of text. */
export function svgOf(terminal: Terminal): string {
  const buffer = terminal.buffer.active;
  const body: string[] = [];
  for (let y = 0; y < terminal.rows; y++) {
    const line = buffer.getLine(buffer.viewportY + y);
    if (!line) continue;
    let run: {x: number; width: number; text: string; style: string; background: string} | undefined;
    const flush = () => {
      if (run && run.background !== BACKGROUND) {
        body.push(
          `<rect x="${px(run.x)}" y="${y * CELL.height}" width="${(run.width * CELL.width).toFixed(1)}" height="${CELL.height}" fill="${run.background}"/>`,
        );
      }
      if (run && run.text.trim() !== '') {
        body.push(
          `<text x="${px(run.x)}" y="${y * CELL.height + 13.5}" textLength="${(run.width * CELL.width).toFixed(1)}" ${run.style}>${xml(run.text)}</text>`,
        );
      }
      run = undefined;
    };
    for (let x = 0; x < terminal.cols; x++) {
      const cell = line.getCell(x);
      if (!cell || cell.getWidth() === 0) continue;
      const {style, background} = styleOf(cell);
      if (run && (run.style !== style || run.background !== background)) flush();
      run ??= {x, width: 0, text: '', style, background};
      run.text += cell.getChars() || ' ';
      run.width += cell.getWidth();
    }
    flush();
  }
  const [width, height] = [Math.ceil(terminal.cols * CELL.width) + 16, terminal.rows * CELL.height + 16];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="14" xml:space="preserve">`,
    '<title>tradetop in a terminal</title>',
    `<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>`,
    '<g transform="translate(8 8)">',
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function styleOf(cell: IBufferCell): {readonly style: string; readonly background: string} {
  const fore = colour(cell.getFgColor(), cell.isFgRGB(), cell.isFgDefault(), FOREGROUND);
  const back = colour(cell.getBgColor(), cell.isBgRGB(), cell.isBgDefault(), BACKGROUND);
  const [fg, background] = cell.isInverse() ? [back, fore] : [fore, back];
  const style = `fill="${fg}"${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity="0.6"' : ''}`;
  return {style, background};
}

function colour(code: number, rgb: boolean, isDefault: boolean, fallback: string): string {
  if (isDefault) return fallback;
  if (rgb) return `#${code.toString(16).padStart(6, '0')}`;
  return PALETTE[code] ?? fallback;
}

const px = (x: number): string => (x * CELL.width).toFixed(1);
const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
