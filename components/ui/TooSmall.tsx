import type {ReactElement} from 'react';
import type {State} from '../../src/store/state.ts';
import {LEAST} from '../layout.ts';
import type {Line, Theme} from '../theme.ts';
import {banner} from './Header.tsx';
import {Lines} from './Lines.tsx';
import {alertLines} from './Strip.tsx';

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
