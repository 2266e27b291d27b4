import {PassThrough} from 'node:stream';
import {Box, type DOMElement, render} from 'ink';
import {createElement, Fragment, type ReactElement} from 'react';
import {describe, expect, it} from 'vitest';
import {App} from '../../components/App.tsx';
import {createFrameReader, type Size} from '../../src/app/screen/ink-frame.ts';
import {createInkScreen} from '../../src/app/screen/ink-screen.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import {ABOUT, ALERTS, acting, DOWN, failing, SAMPLES, stateOf, trade} from '../helpers/state/screen.ts';

/** The screen with a box by which the test finds Ink's root. */
const screenOf = (state: State, {columns, rows}: Size, ref: (element: DOMElement | null) => void): ReactElement =>
  createElement(
    Fragment,
    null,
    createElement(App, {state, columns, rows}),
    createElement(Box, {ref, position: 'absolute'}),
  );

/** The same screen twice: as Ink makes it of its layout, and as we do. */
function twice(state: State, size: Size): {readonly ink: string; readonly ours: string} {
  const stdout = Object.assign(new PassThrough(), size) as unknown as NodeJS.WriteStream;
  let root: DOMElement | undefined;
  const find = (element: DOMElement | null): void => {
    for (let node = element ?? undefined; node !== undefined; node = node.parentNode) root = node;
  };
  const frames: string[] = [];
  stdout.on('data', data => frames.push(String(data)));
  const app = render(screenOf(state, size, find), {stdout, debug: true, patchConsole: false});
  const ours = root === undefined ? [] : createFrameReader()(root, size).map(row => row.glyphs.join('').trimEnd());
  app.unmount();
  const ink = (frames[0] ?? '').replace(/\x1b\[[\d;]*m/g, '').split('\n');
  return {ink: ink.map(line => line.trimEnd()).join('\n'), ours: ours.slice(0, ink.length).join('\n')};
}

const SIZES: readonly Size[] = [
  {columns: 160, rows: 48},
  {columns: 120, rows: 30},
  {columns: 80, rows: 24},
  {columns: 50, rows: 12},
];

const BESIDE: Readonly<Record<string, State>> = {
  'the panes': stateOf({alerts: ALERTS}),
  'ASCII without colour': stateOf({about: {...ABOUT, ascii: true, colour: false}}),
  'a help text over them': stateOf({ui: {overlay: {kind: 'help', scroll: 0} as Overlay}}),
  'a dialog over them': stateOf({ui: {overlay: {kind: 'act', focus: 'cancel', typed: ''}}, acting: acting()}),
  'a server that is down': stateOf({samples: {positions: failing(SAMPLES.positions, DOWN)}}),
  'characters of two cells': stateOf({bus: {tape: [trade(0, {symbol: sanitise('漢字'), strategy: sanitise('😀 é')})]}}),
};

describe('a frame', () => {
  it.each(Object.keys(BESIDE))('is what Ink makes of the same layout: %s', name => {
    for (const size of SIZES) {
      const {ink, ours} = twice(BESIDE[name] as State, size);
      expect(ink).toMatch(/\S/);
      expect(ours).toBe(ink);
    }
  });
});

/** A screen on a terminal that the test controls. */
function rig() {
  const terminal = {busy: false, size: {columns: 80, rows: 24}};
  const sent: string[] = [];
  const resized = new Set<() => void>();
  const screen = createInkScreen({
    output: {write: text => void sent.push(text), busy: () => terminal.busy},
    size: () => terminal.size,
    onResize: listener => {
      resized.add(listener);
      return () => resized.delete(listener);
    },
  });
  const element = (state: State) => screenOf(state, terminal.size, screen.attach);
  const app = render(element(stateOf()), {
    stdout: screen.stdout,
    debug: true,
    patchConsole: false,
    interactive: true,
    alternateScreen: true,
  });
  return {
    terminal,
    screen,
    app,
    resize: () => {
      for (const listener of resized) listener();
    },
    show: (state: State) => app.rerender(element(state)),
    /** What was sent since the last call. */
    sent: () => sent.splice(0).join(''),
  };
}

const settled = (): Promise<void> => new Promise(done => setImmediate(() => setImmediate(done)));

describe('the screen under Ink', () => {
  it('sends the first frame whole, then what has changed, and nothing where nothing has', async () => {
    const {show, sent, app, screen} = rig();
    await settled();
    const first = sent();
    expect(first).toMatch(/^\x1b\[\?1049h\x1b\[\?25l.*1 Trades/s);
    expect(first.split('\x1b[?25l')).toHaveLength(2);
    // A frame is sent once, whoever asks for it.
    expect(first.split('1 Trades')).toHaveLength(2);
    show(stateOf());
    expect(sent()).toBe('');
    show(stateOf({alerts: ALERTS}));
    const change = sent();
    expect(change).toContain('standby-2');
    expect(change).not.toContain('1 Trades');
    screen.close();
    app.unmount();
    const end = sent();
    // Where there is no other screen the shell goes on on this one.
    expect(end).toContain('\x1b[H\x1b[J\x1b[?1049l');
    expect(end).not.toMatch(/\x1b\[2J|Trades/);
  });

  it('sends nothing to a terminal that is busy, and the newest frame when it is not', async () => {
    const {terminal, show, sent, app, screen} = rig();
    await settled();
    sent();
    terminal.busy = true;
    show(stateOf({alerts: ALERTS}));
    show(stateOf({ui: {paused: true}}));
    expect(sent()).toBe('');
    terminal.busy = false;
    screen.draw();
    const late = sent();
    expect(late).toContain('PAUSED');
    expect(late).not.toContain('standby-2');
    screen.close();
    app.unmount();
  });

  it('draws everything again at a new size, and when it is asked to', async () => {
    const {terminal, resize, sent, app, screen, show} = rig();
    await settled();
    sent();
    screen.repaint();
    expect(sent()).toMatch(/\x1b\[2J.*1 Trades/s);
    terminal.size = {columns: 120, rows: 34};
    resize();
    show(stateOf());
    await settled();
    expect(sent()).toMatch(/\x1b\[2J.*4 Connection health/s);
    screen.close();
    app.unmount();
  });
});
