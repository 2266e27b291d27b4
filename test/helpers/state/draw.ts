import {stripVTControlCharacters} from 'node:util';
import {renderToString} from 'ink';
import {render} from 'ink-testing-library';
import {createElement, type ReactElement} from 'react';
import {App} from '../../../components/App.tsx';
import {type Theme, themeOf} from '../../../components/lines/theme.ts';
import {paneOf} from '../../../components/panes/index.ts';
import {digitOf} from '../../../components/views.ts';
import type {State} from '../../../src/model/state.ts';
import type {PaneId} from '../../../src/model/ui-state.ts';

/** Without colours, so that a screen reads as text. */
export const PLAIN: Theme = themeOf({about: {colour: false, ascii: false}});

/** The frame that a component draws on a terminal of 100 columns, as plain text. */
export function frameOf(element: ReactElement): string {
  const {lastFrame, unmount} = render(element);
  const frame = lastFrame() ?? '';
  unmount();
  return stripVTControlCharacters(frame);
}

/** What an element writes on a terminal of this width, with its escape sequences. */
const drawRaw = (element: ReactElement, columns = 240): string => renderToString(element, {columns});

/** What an element writes on a terminal of this width, as plain text. */
export const draw = (element: ReactElement, columns = 240): string =>
  stripVTControlCharacters(drawRaw(element, columns));

/** The whole screen as plain text. */
export const drawApp = (state: State, columns: number, rows: number): string =>
  draw(createElement(App, {state, columns, rows}), columns);

/** One pane as plain text. */
export const drawPane = (id: PaneId, state: State, width: number, height: number, focused = false): string =>
  draw(
    createElement(paneOf(id).Connected, {
      state,
      digit: digitOf(state, id),
      width,
      height,
      focused,
      theme: themeOf(state),
    }),
    width,
  );
