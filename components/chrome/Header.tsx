import type {ReactElement} from 'react';
import type {Environment} from '../../src/config/config.ts';
import {age, ageAt, bytes, count, percent, sparkline} from '../../src/core/format.ts';
import {clock} from '../../src/core/time.ts';
import type {State} from '../../src/model/state.ts';
import {type BarPart, bar, part} from '../lines/bar.ts';
import {Lines} from '../lines/Lines.tsx';
import {statusOf} from '../lines/status.ts';
import {GLYPH, type Line, type Span, type Style, type Theme} from '../lines/theme.ts';

export type HeaderProps = {
  readonly state: State;
  readonly width: number;
  readonly theme: Theme;
  /** With the server's figures in a second line. */
  readonly facts: boolean;
};

/** Where we are, what we watch and how, in one line; what the server does in another. */
export function Header({state, width, theme, facts}: HeaderProps): ReactElement {
  const lines = [whereLine(state, width, theme), ...(facts ? [factsLine(state, width)] : [])];
  return <Lines lines={lines} width={width} theme={theme} />;
}

const BANNER: Readonly<Record<Environment, readonly [word: string, style: Style]>> = {
  demo: ['DEMO', 'demo'],
  dev: ['dev', 'dev'],
  paper: ['paper', 'paper'],
  prod: ['PROD', 'prod'],
};

/** The environment's word, in a colour of its own; without colours it stands in brackets. */
export function banner(environment: Environment, theme: Theme): Span {
  const [word, style] = BANNER[environment];
  return [theme.colour ? ` ${word} ` : `[${word}]`, style];
}

function whereLine(state: State, width: number, theme: Theme): Line {
  const {about, ui} = state;
  const left: BarPart[] = [
    part(8, ['tradetop', 'strong']),
    part(0, banner(about.environment, theme)),
    part(10, [about.trading]),
    ...postgres(state),
    ...redis(state),
    part(6, [`↻ ${ui.refreshMs < 1000 ? `${ui.refreshMs} ms` : `${ui.refreshMs / 1000} s`}`, 'faint']),
    alertsPart(state),
    ...(ui.paused ? [part(0, [` PAUSED ${clock(state.frozen?.at ?? state.at)}Z `, 'paused'])] : []),
  ];
  const right = [
    part(2, [`${clock(state.at)}Z`]),
    part(1, [ui.readOnly ? 'read-only' : 'operator', ui.readOnly ? 'faint' : 'strong']),
  ];
  return bar(left, right, width);
}

function postgres({samples, at}: State): readonly BarPart[] {
  const [server] = samples.server.rows;
  const status = statusOf(samples.server, at);
  const sign: Span = status.severity === 'idle' ? [GLYPH.idle, 'faint'] : [GLYPH[status.severity], status.severity];
  const words = status.head === '' ? '' : ` ${status.head}`;
  if (server === undefined) return [part(3, ['PG '], sign, [words])];
  return [
    part(3, [`PG ${server.version} `], sign, [words]),
    server.standby ? part(3, ['standby', 'strong']) : part(status.head === '' ? 9 : 11, ['primary']),
    part(11, [`up ${ageAt(server.startedAt, at)}`, 'faint']),
  ];
}

function redis({samples, bus, at}: State): readonly BarPart[] {
  const [row] = samples.redis.rows;
  if (bus.link.state === 'ready') {
    return [part(4, ['redis '], [GLYPH.ok, 'ok']), part(12, [row?.version ?? '', 'faint'])];
  }
  const lost = bus.link.state !== 'connecting' || bus.link.drops > 0;
  if (!lost) return [part(4, ['redis '], [GLYPH.idle, 'faint'], [' connecting'])];
  return [part(4, ['redis '], [GLYPH.crit, 'crit'], [` ${bus.link.state} ${ageAt(bus.link.since, at)}`])];
}

function alertsPart({alerts}: State): BarPart {
  if (alerts.length === 0) return part(5, ['no alerts', 'faint']);
  const crit = alerts.some(alert => alert.severity === 'crit');
  return part(5, [` ${crit ? GLYPH.crit : GLYPH.warn} ${count(alerts.length)} `, crit ? 'alarm' : 'paused']);
}

function factsLine({samples, tpsHistory}: State, width: number): Line {
  const [server] = samples.server.rows;
  if (server === undefined) return [[' waiting for the server’s figures', 'faint']];
  const stale = statusOf(samples.server, samples.server.at ?? 0).head !== '';
  const tone: Style = stale ? 'faint' : 'plain';
  const fact = (drop: number, name: string, value: string, style: Style = tone): BarPart =>
    part(drop, [`${name} `, 'faint'], [value, stale ? 'faint' : style]);
  const history = tpsHistory ?? [];
  return bar(
    [
      part(
        0,
        [server.tps === undefined ? 'n/a' : count(server.tps), stale ? 'faint' : 'strong'],
        [' tx/s', 'faint'],
        [history.length > 1 ? ` ${sparkline(history, 12)}` : '', 'faint'],
      ),
      fact(2, 'hit', percent(server.hitPercent)),
      fact(1, 'sessions', `${count(server.sessions)}/${count(server.maxConnections)}`),
      part(
        3,
        [`(${count(server.active)} active, `, 'faint'],
        [`${count(server.waiting)} waiting`, server.waiting > 0 && !stale ? 'strong' : 'faint'],
        [')', 'faint'],
      ),
      fact(5, 'WAL', server.walBytesPerSecond === undefined ? 'n/a' : `${bytes(server.walBytesPerSecond)}/s`),
      fact(4, 'size', bytes(server.sizeBytes)),
      fact(3, 'oldest xact', age(server.oldestXactSeconds), server.oldestXactSeconds >= 60 ? 'strong' : tone),
      ...(server.deadlocks > 0 ? [fact(6, 'deadlocks', count(server.deadlocks))] : []),
      ...(server.readsAllStats
        ? []
        : [part(2, [`${GLYPH.warn} `, 'warn'], ['sees its own sessions only: GRANT pg_monitor', 'strong'])]),
    ],
    [],
    width,
    2,
  );
}
