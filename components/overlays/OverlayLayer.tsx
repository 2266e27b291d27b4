import type {ReactElement} from 'react';
import {canRun, mustType} from '../../src/input/confirmation.ts';
import type {State} from '../../src/model/state.ts';
import type {Theme} from '../lines/theme.ts';
import {ActionDialog} from './ActionDialog.tsx';
import {overlayLayout} from './index.ts';
import {ListOverlay} from './ListOverlay.tsx';

type OverlayLayerProps = {
  readonly state: State;
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
};

/** What lies over the panes: the dialog of an action or a list, with the part of the State that it needs. */
export function OverlayLayer({state, columns, rows, theme}: OverlayLayerProps): ReactElement | null {
  const {overlay} = state.ui;
  const {acting, about} = state;
  const screen = {columns, rows, theme};
  if (overlay?.kind !== 'act') {
    const layout = overlayLayout(state, columns, rows, theme);
    return layout === undefined ? null : <ListOverlay {...layout} {...screen} />;
  }
  if (acting === undefined) return null;
  return (
    <ActionDialog
      acting={acting}
      environment={about.environment}
      focus={overlay.focus}
      typed={overlay.typed}
      scroll={overlay.scroll ?? 0}
      mustType={mustType(state)}
      canRun={canRun(state, overlay.typed)}
      now={state.at}
      {...screen}
    />
  );
}
