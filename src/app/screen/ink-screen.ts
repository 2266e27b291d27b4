import {Writable} from 'node:stream';
import type {DOMElement} from 'ink';
import {createCellWriter} from './cell-writer.ts';
import {createFrameReader, type Size} from './ink-frame.ts';
import type {TerminalOutput} from './terminal-output.ts';

/** The screen on which Ink draws. */
export type InkScreen = {
  /** Ink's standard output. */
  readonly stdout: NodeJS.WriteStream;
  /** A ref for any element on the screen: by it the screen finds what Ink has laid out. */
  readonly attach: (element: DOMElement | null) => void;
  /** Draws what is laid out now; where the terminal is still busy, as soon as it has taken the last frame. */
  readonly draw: () => void;
  /** Draws everything anew, whatever the terminal shows. */
  readonly repaint: () => void;
  /** Draws nothing more; what Ink writes to end its screen still passes. */
  readonly close: () => void;
};

export type InkScreenOptions = {
  readonly output: Pick<TerminalOutput, 'write' | 'busy'>;
  readonly size: () => Size;
  /** Calls the listener when the terminal has another size. */
  readonly onResize: (listener: () => void) => () => void;
};

// What Ink writes besides frames: sequences that switch the terminal's modes, and those of ours that pass through it.
const CONTROL = /^(?:\x1b\[\?\d+[hl]|\x1b[\]P][\s\S]*)*$/;
const [ENTER, LEAVE] = ['\x1b[?1049h', '\x1b[?1049l'];

/**
 * Stands between Ink and the terminal, and sends it only the cells that changed. Ink lays out; when it has, its root calls
 * `onRender`, which is ours here, so that Ink does not make a frame of its own. Where it still makes one (at the start,
 * at a new size, after a suspension) it is a sign that ours is due.
 */
export function createInkScreen({output, size, onResize}: InkScreenOptions): InkScreen {
  const writer = createCellWriter();
  const read = createFrameReader();
  let root: DOMElement | undefined;
  let on = false;
  let closed = false;
  let due: NodeJS.Immediate | undefined;
  const draw = (): void => {
    clearImmediate(due);
    due = undefined;
    if (root?.yogaNode === undefined || !on || closed || output.busy()) return;
    const bytes = writer.update(read(root, size()));
    if (bytes !== '') output.write(bytes);
  };
  const written = (text: string): void => {
    if (!CONTROL.test(text)) {
      due ??= setImmediate(draw);
      return;
    }
    if (text !== '') output.write(text);
    if (text.includes(ENTER)) writer.damage();
    if (text.includes(ENTER) || text.includes(LEAVE)) on = text.includes(ENTER);
  };
  return {
    stdout: streamOf(written, size, onResize),
    attach: element => {
      if (element === null) return;
      root = rootOf(element);
      [root.onRender, root.onImmediateRender] = [draw, draw];
      draw();
    },
    draw,
    repaint: () => {
      writer.damage();
      draw();
    },
    close: () => {
      closed = true;
      clearImmediate(due);
    },
  };
}

function rootOf(element: DOMElement): DOMElement {
  let node = element;
  while (node.parentNode !== undefined) node = node.parentNode;
  return node;
}

function streamOf(
  written: (text: string) => void,
  size: () => Size,
  onResize: InkScreenOptions['onResize'],
): NodeJS.WriteStream {
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string | Buffer, _encoding, done) => {
      written(String(text));
      done();
    },
  });
  const stop = onResize(() => void stream.emit('resize'));
  stream.once('close', stop);
  return Object.defineProperties(stream as NodeJS.WriteStream, {
    isTTY: {value: true},
    columns: {get: () => size().columns},
    rows: {get: () => size().rows},
  });
}
