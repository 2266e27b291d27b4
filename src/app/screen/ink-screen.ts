import {Writable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import type {DOMElement} from 'ink';
import {EMULATOR, type Terminal} from '../../core/terminal.ts';
import {createCellWriter} from './cell-writer.ts';
import {createFrameReader, type Size} from './ink-frame.ts';
import {createLineGauge, type LineGauge} from './line-gauge.ts';
import type {TerminalOutput} from './terminal-output.ts';

/** The screen on which Ink draws. */
export type InkScreen = {
  /** Ink's standard output. */
  readonly stdout: NodeJS.WriteStream;
  /** A ref for any element on the screen: by it the screen finds what Ink has laid out. */
  readonly attach: (element: DOMElement | null) => void;
  /** Draws what is laid out now; where the terminal is still busy, as soon as it has taken the last frame. */
  readonly draw: () => void;
  /** Whether the terminal shows the last frame, as far as can be known, so that another one is worth making. */
  readonly ready: () => boolean;
  /** Whether the line to the terminal is thin. */
  readonly thin: () => boolean;
  /** Tells what the terminal has sent, keys or not: its answers are found in it. */
  readonly heard: (text: string) => void;
  /**
   * To be called before the terminal is left: draws no more, and resolves when the terminal owes no answer, which another
   * program would take for keys; at the latest after `limitMs`.
   */
  readonly answered: (limitMs: number) => Promise<void>;
  /** Draws everything anew, whatever the terminal shows. */
  readonly repaint: () => void;
  /** Draws nothing more; what Ink writes to end its screen still passes. */
  readonly close: () => void;
  readonly closed: () => boolean;
};

export type InkScreenOptions = {
  readonly output: Pick<TerminalOutput, 'write' | 'busy'>;
  readonly size: () => Size;
  /** Calls the listener when the terminal has another size. */
  readonly onResize: (listener: () => void) => () => void;
  readonly gauge?: LineGauge;
  /** What the terminal knows; nothing else is sent to it. */
  readonly terminal?: Terminal;
};

// What Ink writes besides frames: sequences that switch the terminal's modes, and those of ours that pass through it.
const CONTROL = /^(?:\x1b\[\?\d+[hl]|\x1b[\]P][\s\S]*)*$/;
const [ENTER, LEAVE] = ['\x1b[?1049h', '\x1b[?1049l'];
const HIDE = '\x1b[?25l';
const MODE = /\x1b\[\?(\d+)[hl]/g;
// Terminals that have no alternate screen, or do not use it, would keep the last frame, and the shell would write into it.
const WIPE = '\x1b[H\x1b[J';
/** A frame goes out while the line still carries so much, in milliseconds: a key's answer does not wait for all of it. */
const MOST_AHEAD_MS = 150;
/** What is left of a frame goes on while the line carries less than this, in milliseconds: a key may come meanwhile. */
const REST_AHEAD_MS = 40;
/** How soon a frame that had to wait is tried again, at the soonest, in milliseconds. */
const AGAIN_MS = 20;

type Painting = Required<Pick<InkScreenOptions, 'output' | 'size' | 'gauge' | 'terminal'>>;

/** Draws what a root has laid out, as far as the line takes it, and what is left a little later. */
function createPainter({output, size, gauge, terminal}: Painting) {
  const writer = createCellWriter(terminal);
  const read = createFrameReader();
  const state = {root: undefined as DOMElement | undefined, on: false};
  let later: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(later);
    later = undefined;
  };
  const send = (bytes: string): void => {
    if (bytes !== '') output.write(bytes + gauge.sent(Buffer.byteLength(bytes)));
  };
  const draw = (mostAheadMs = MOST_AHEAD_MS): void => {
    stop();
    if (state.root?.yogaNode === undefined || !state.on || output.busy()) return;
    const aheadMs = gauge.waitMs();
    const goes = aheadMs <= mostAheadMs;
    if (goes) send(writer.update(read(state.root, size()), gauge.room()));
    else output.write(gauge.remind());
    if (goes && writer.complete()) return;
    const next = goes ? REST_AHEAD_MS : mostAheadMs;
    later = setTimeout(draw, Math.max(AGAIN_MS, gauge.waitMs() - next), next);
  };
  const ready = (): boolean => {
    // Where an answer is late, drawing is what asks again.
    if (later === undefined && gauge.waitMs() > MOST_AHEAD_MS) draw();
    return !output.busy() && later === undefined && gauge.waitMs() === 0;
  };
  return {state, send, draw, stop, ready, damage: writer.damage};
}

/**
 * Stands between Ink and the terminal, and sends it only the cells that changed. Ink lays out; when it has, its root calls
 * `onRender`, which is ours here, so that Ink does not make a frame of its own. Where it still makes one (at the start,
 * at a new size, after a suspension) it is a sign that ours is due.
 */
export function createInkScreen(options: InkScreenOptions): InkScreen {
  const {output, size, onResize, gauge = createLineGauge(), terminal = EMULATOR} = options;
  const {state, send, draw, stop, ready, damage} = createPainter({output, size, gauge, terminal});
  let closed = false;
  let due: NodeJS.Immediate | undefined;
  const drawNow = (): void => {
    clearImmediate(due);
    due = undefined;
    if (!closed) draw();
  };
  const written = (text: string): void => {
    if (!CONTROL.test(text)) {
      due ??= setImmediate(drawNow);
      return;
    }
    if (text.includes(ENTER) || text.includes(LEAVE)) state.on = text.includes(ENTER);
    const known = knownOf(text, terminal);
    if (text.includes(ENTER)) {
      damage();
      gauge.forget();
      send(known);
    } else if (known !== '') output.write(known);
  };
  return {
    stdout: streamOf(written, size, onResize),
    attach: element => {
      if (element === null) return;
      state.root = rootOf(element);
      [state.root.onRender, state.root.onImmediateRender] = [drawNow, drawNow];
      drawNow();
    },
    draw: drawNow,
    ready,
    thin: () => gauge.room() < Number.POSITIVE_INFINITY,
    heard: gauge.heard,
    answered: limitMs => {
      state.on = false;
      return untilAnswered(gauge, output, limitMs);
    },
    repaint: () => {
      damage();
      drawNow();
    },
    close: () => {
      closed = true;
      clearImmediate(due);
      stop();
    },
    closed: () => closed,
  };
}

/**
 * The same without the modes that the terminal does not know. Before it is left, its screen is wiped; and where it is entered,
 * the cursor is hidden: Ink does so the first time only, and by itself.
 */
const knownOf = (text: string, {modes}: Terminal): string =>
  text
    .replace(HIDE, '')
    .replace(ENTER, ENTER + HIDE)
    .replace(LEAVE, WIPE + LEAVE)
    .replace(MODE, (sequence, mode) => (modes.includes(Number(mode)) ? sequence : ''));

async function untilAnswered(gauge: LineGauge, output: Pick<TerminalOutput, 'busy'>, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (gauge.owed() && !output.busy() && performance.now() < end) await delay(AGAIN_MS);
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
