import type {ReactElement} from 'react';
import {age, bytes, count, NA, percent, sparkline} from '../../src/core/format.ts';
import type {Held} from '../../src/monitor/sample.ts';
import type {ServerRow} from '../../src/monitor/server.ts';
import {memoOnScreen} from '../lines/screen-memo.ts';
import {statusOf} from '../lines/status.ts';
import {GLYPH, type Style, type Theme} from '../lines/theme.ts';
import type {LinePart} from './line-parts.ts';
import {StatusLine} from './StatusLine.tsx';

type ServerFiguresProps = {
  readonly server: Held<ServerRow>;
  /** Transactions per second of the last readings, oldest first. */
  readonly tpsHistory: readonly (number | undefined)[];
  readonly width: number;
  readonly theme: Theme;
};

/** Cells of the curve of transactions per second. */
const CURVE = 12;
/** On a line of so many cells figures that change at every reading keep their width: what follows is not sent again with them. */
const ROOMY = 140;
const WIDTHS = {tps: 4, hit: 6, wal: 9} as const;
/** A transaction that has been open for this long, in seconds, stands out. */
const LONG_TRANSACTION = 60;

/** One line: what the server does. Figures of a server that does not answer are faint. */
export const ServerFigures = memoOnScreen(function ServerFigures({
  server,
  tpsHistory,
  width,
  theme,
}: ServerFiguresProps): ReactElement {
  const [row] = server.rows;
  if (row === undefined) {
    return (
      <StatusLine
        left={[{drop: 0, spans: [['waiting for the server’s figures', 'faint']]}]}
        width={width}
        theme={theme}
      />
    );
  }
  const stale = statusOf(server, server.at ?? 0).head !== '';
  const strong: Style = stale ? 'faint' : 'strong';
  const plain: Style = stale ? 'faint' : 'plain';
  const figure = (drop: number, name: string, value: string, style: Style = plain): LinePart => ({
    drop,
    spans: [
      [`${name} `, 'faint'],
      [value, style],
    ],
  });
  const kept = (value: string, cells: number): string => (width < ROOMY ? value : value.padStart(cells));
  const [most, oldest] = [count(row.maxConnections), row.oldestXactSeconds];
  const curve = tpsHistory.length > 1 ? ` ${sparkline(tpsHistory, CURVE)}` : '';
  const left: readonly LinePart[] = [
    {
      drop: 0,
      spans: [
        [kept(count(row.tps), WIDTHS.tps), strong],
        [' tx/s', 'faint'],
        [curve, 'faint'],
      ],
    },
    figure(2, 'hit', kept(percent(row.hitPercent), WIDTHS.hit)),
    figure(1, 'sessions', `${kept(count(row.sessions), most.length)}/${most}`),
    {
      drop: 3,
      spans: [
        [`(${known(row.active)} active, `, 'faint'],
        [`${known(row.waiting)} waiting`, (row.waiting ?? 0) > 0 ? strong : 'faint'],
        [')', 'faint'],
      ],
    },
    figure(5, 'WAL', row.walBytesPerSecond === undefined ? NA : kept(`${bytes(row.walBytesPerSecond)}/s`, WIDTHS.wal)),
    figure(4, 'size', bytes(row.sizeBytes)),
    figure(3, 'oldest xact', age(oldest), (oldest ?? 0) >= LONG_TRANSACTION ? strong : plain),
    ...(row.deadlocks > 0 ? [figure(6, 'deadlocks', count(row.deadlocks))] : []),
    ...(row.readsAllStats ? [] : [OWN_SESSIONS]),
  ];
  return <StatusLine left={left} width={width} theme={theme} />;
});

const known = (n: number | undefined): string => (n === undefined ? NA : count(n));

const OWN_SESSIONS: LinePart = {
  drop: 2,
  spans: [
    [`${GLYPH.warn} `, 'warn'],
    ['sees its own sessions only: GRANT pg_monitor', 'strong'],
  ],
};
