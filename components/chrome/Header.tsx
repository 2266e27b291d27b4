import type {ReactElement} from 'react';
import type {BusLink} from '../../src/bus/event.ts';
import type {Environment} from '../../src/config/config.ts';
import {ageAt, count} from '../../src/core/format.ts';
import {clock, type Micros} from '../../src/core/time.ts';
import {cells} from '../../src/core/width.ts';
import type {Alert} from '../../src/model/state.ts';
import type {Held} from '../../src/monitor/sample.ts';
import type {ServerRow} from '../../src/monitor/server.ts';
import {memoOnScreen} from '../lines/screen-memo.ts';
import {statusOf} from '../lines/status.ts';
import {GLYPH, type Line, type Span, type Theme} from '../lines/theme.ts';
import {banner} from './banner.ts';
import type {LinePart} from './line-parts.ts';
import {StatusLine} from './StatusLine.tsx';

export type HeaderProps = {
  readonly environment: Environment;
  /** The name of the view. */
  readonly view: string;
  /** Of the trading database: `127.0.0.1:5432/trading_system`. */
  readonly address: string;
  readonly server: Held<ServerRow>;
  readonly redis: {readonly link: BusLink; readonly version: string | undefined};
  readonly alerts: readonly Pick<Alert, 'severity'>[];
  /** Sources that could raise an alert and cannot be read. */
  readonly unread: readonly string[];
  /** How often PostgreSQL is read, in milliseconds. */
  readonly refreshMs: number;
  readonly readOnly: boolean;
  /** When the panes were paused; undefined: they are not. */
  readonly pausedAt: Micros | undefined;
  readonly now: Micros;
  readonly width: number;
  readonly theme: Theme;
};

/** One line: the environment, the servers and their condition, alerts, the clock, and whether this console may act. */
export const Header = memoOnScreen(function Header(props: HeaderProps): ReactElement {
  const {environment, view, address, server, redis, alerts, unread, refreshMs, readOnly, pausedAt, now, width, theme} =
    props;
  const interval = refreshMs < 1000 ? `${refreshMs} ms` : `${refreshMs / 1000} s`;
  const left: readonly LinePart[] = [
    {drop: 8, spans: [['tradetop', 'strong']]},
    {drop: 0, spans: [banner(environment, theme)]},
    {drop: 7, spans: [[view, 'accent']]},
    {drop: 10, spans: [[address]]},
    ...serverParts(server, now),
    ...redisParts(redis, now),
    {drop: 6, spans: [[`↻ ${interval}`, 'faint']]},
    {drop: 5, spans: alertCount(alerts, unread)},
    ...(pausedAt === undefined ? [] : [{drop: 0, spans: [[` PAUSED ${clock(pausedAt)}Z `, 'paused']]} as const]),
  ];
  const right: readonly LinePart[] = [
    {drop: 2, spans: [[`${clock(now)}Z`]]},
    {drop: 1, spans: [readOnly ? ['read-only', 'faint'] : ['operator', 'strong']]},
  ];
  return <StatusLine left={left} right={right} width={width} theme={theme} />;
});

function serverParts(server: HeaderProps['server'], now: Micros): readonly LinePart[] {
  const [row] = server.rows;
  const {severity, head} = statusOf(server, now);
  const sign: Span = [GLYPH[severity], severity === 'idle' ? 'faint' : severity];
  const words = head === '' ? '' : ` ${head}`;
  if (row === undefined) return [{drop: 3, spans: [['PG '], sign, [words]]}];
  return [
    {drop: 3, spans: [[`PG ${row.version} `], sign, [words]]},
    row.standby ? {drop: 3, spans: [['standby', 'strong']]} : {drop: head === '' ? 9 : 11, spans: [['primary']]},
    {drop: 11, spans: [[`up ${ageAt(row.startedAt, now)}`, 'faint']]},
  ];
}

function redisParts({link, version}: HeaderProps['redis'], now: Micros): readonly LinePart[] {
  if (link.state === 'ready') {
    return [
      {drop: 4, spans: [['redis '], [GLYPH.ok, 'ok']]},
      {drop: 12, spans: [[version ?? '', 'faint']]},
    ];
  }
  const lost = link.state !== 'connecting' || link.drops > 0;
  if (!lost) return [{drop: 4, spans: [['redis '], [GLYPH.idle, 'faint'], [' connecting']]}];
  return [{drop: 4, spans: [['redis '], [GLYPH.crit, 'crit'], [` ${link.state} ${ageAt(link.since, now)}`]]}];
}

const NO_ALERTS = 'no alerts';

// The count takes as much room as the words: the line does not move when an alert comes or goes.
function alertCount(alerts: HeaderProps['alerts'], unread: HeaderProps['unread']): Line {
  if (alerts.length === 0) return [[unread.length === 0 ? NO_ALERTS : notRead(unread), 'faint']];
  const crit = alerts.some(alert => alert.severity === 'crit');
  const words = ` ${crit ? GLYPH.crit : GLYPH.warn} ${count(alerts.length)} `;
  return [[words, crit ? 'alarm' : 'paused'], [' '.repeat(Math.max(0, cells(NO_ALERTS) - cells(words)))]];
}

/** The names of so many sources have room. */
const MOST_NAMES = 2;

function notRead(unread: HeaderProps['unread']): string {
  const more = unread.length - MOST_NAMES;
  return `not read: ${unread.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` +${more}` : ''}`;
}
