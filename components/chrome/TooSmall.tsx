import {Box} from 'ink';
import type {ReactElement} from 'react';
import type {Environment} from '../../src/config/config.ts';
import {LEAST} from '../layout.ts';
import {TextLine} from '../lines/TextLine.tsx';
import type {Line, Theme} from '../lines/theme.ts';
import {alertLines, type ShownAlert} from './alert-lines.ts';
import {banner} from './banner.ts';

type TooSmallProps = {
  readonly environment: Environment;
  /** Worst first. */
  readonly alerts: readonly ShownAlert[];
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
};

/** The screen of a terminal that has no room for panes: says so, and shows the alerts. */
export function TooSmall({environment, alerts, columns, rows, theme}: TooSmallProps): ReactElement {
  const lines: readonly Line[] = [
    [['tradetop ', 'strong'], banner(environment, theme)],
    [[`${columns}×${rows} is too small: needs ${LEAST.columns}×${LEAST.rows} or more`]],
    ...(alerts.length > 0 ? alerts.flatMap(alert => alertLines([alert], columns, 1)) : NO_ALERTS),
  ];
  return (
    <Box flexDirection="column" height={rows}>
      {lines.slice(0, rows).map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line's identity is its position on the screen.
        <TextLine key={i} spans={line} width={columns} theme={theme} />
      ))}
    </Box>
  );
}

const NO_ALERTS: readonly Line[] = [[['no alerts', 'faint']]];
