import {stripVTControlCharacters} from 'node:util';
import {renderToString} from 'ink';
import {createElement, type ReactElement} from 'react';
import {App} from '../../../components/App.tsx';
import {themeOf} from '../../../components/lines/theme.ts';
import {paneOf} from '../../../components/panes/index.ts';
import type {State} from '../../../src/model/state.ts';
import type {PaneId} from '../../../src/model/ui-state.ts';

/** What an element writes, with its escapes. */
export const drawRaw = (element: ReactElement, columns = 240): string => renderToString(element, {columns});

/** What an element writes, as plain text. */
export const draw = (element: ReactElement, columns = 240): string =>
  stripVTControlCharacters(drawRaw(element, columns));

/** The whole screen as plain text. */
export const drawApp = (state: State, columns: number, rows: number): string =>
  draw(createElement(App, {state, columns, rows}), columns);

/** One pane as plain text. */
export const drawPane = (id: PaneId, state: State, width: number, height: number, focused = false): string =>
  draw(
    createElement(paneOf(id).View, {
      state,
      digit: paneOf(id).key,
      width,
      height,
      focused,
      faint: false,
      theme: themeOf(state),
    }),
    width,
  );
