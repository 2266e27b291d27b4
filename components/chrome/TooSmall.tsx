import type {ReactElement} from 'react';
import type {State} from '../../src/model/state.ts';
import {LEAST} from '../layout.ts';
import {Lines} from '../lines/Lines.tsx';
import type {Line, Theme} from '../lines/theme.ts';
import {alertLines} from './AlertBar.tsx';
import {banner} from './Header.tsx';

export type TooSmallProps = {
  readonly state: State;
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
};

/** On a terminal that has no room for panes: says so, and what is not well. */
export function TooSmall({state, columns, rows, theme}: TooSmallProps): ReactElement {
  const alerts = state.alerts.flatMap(alert => alertLines([alert], columns, 1));
  const lines: Line[] = [
    [['tradetop ', 'strong'], banner(state.about.environment, theme)],
    [[`${columns}×${rows} is too small: ${LEAST.columns}×${LEAST.rows} and more`]],
    ...(alerts.length > 0 ? alerts : [[['no alerts', 'faint']] as Line]),
  ];
  return <Lines lines={lines.slice(0, rows)} width={columns} theme={theme} />;
}
