import {describe, expect, it} from 'vitest';
import {AlertBar} from '../../components/chrome/AlertBar.tsx';
import {Footer} from '../../components/chrome/Footer.tsx';
import {Header, type HeaderProps} from '../../components/chrome/Header.tsx';
import {ServerFigures} from '../../components/chrome/ServerFigures.tsx';
import {StatusLine} from '../../components/chrome/StatusLine.tsx';
import {TooSmall} from '../../components/chrome/TooSmall.tsx';
import {sanitise} from '../../src/core/sanitise.ts';
import {frameOf, PLAIN} from '../helpers/state/draw.ts';
import {acting, BUS, DOWN, failing, NOW, OUTCOME, SAMPLES, waiting} from '../helpers/state/screen.ts';

const LINE = {now: NOW, width: 100, theme: PLAIN} as const;

describe('a status line', () => {
  const left = [
    {drop: 0, spans: [['name']]},
    {drop: 2, spans: [['least important']]},
    {drop: 1, spans: [['important']]},
  ] as const;
  const right = [{drop: 0, spans: [['end']]}] as const;
  const at = (width: number) =>
    frameOf(<StatusLine left={left} right={right} width={width} theme={PLAIN} />).replace(/ {3,}/, '…');

  it('leaves out the least important parts first, and never those that must stay', () => {
    expect([39, 38, 22, 21, 20, 5].map(at)).toMatchInlineSnapshot(`
      [
        " name  least important  important…end",
        " name  important…end",
        " name  important…end",
        " name…end",
        " name…end",
        "…end",
      ]
    `);
  });
});

describe('the header', () => {
  const header = (change: Partial<HeaderProps> = {}) => (
    <Header
      environment="demo"
      view="Main"
      address="127.0.0.1:5432/trading_system"
      server={SAMPLES.server}
      redis={{link: BUS.link, version: '7.0.15'}}
      alerts={[]}
      unread={[]}
      refreshMs={2000}
      readOnly={false}
      pausedAt={undefined}
      {...LINE}
      {...change}
    />
  );

  it('names the environment, the servers, the clock and the operator', () => {
    expect(frameOf(header())).toMatchInlineSnapshot(
      `" tradetop  [DEMO]  Main  PG 18.4 ●  primary  redis ●  ↻ 2 s  no alerts          12:04:31Z  operator"`,
    );
  });

  it('says that it waits for both servers', () => {
    const connecting = {link: {...BUS.link, state: 'connecting'} as const, version: undefined};
    expect(frameOf(header({server: waiting, redis: connecting, refreshMs: 250}))).toMatchInlineSnapshot(
      `" tradetop  [DEMO]  Main  PG ○ waiting  redis ○ connecting  ↻ 250 ms  no alerts  12:04:31Z  operator"`,
    );
  });

  it('does not move when an alert comes or goes', () => {
    for (const width of [80, 100, 120, 160]) {
      const [none, one, many] = [[], [{severity: 'warn'}], Array.from({length: 24}, () => ({severity: 'crit'}))].map(
        alerts => frameOf(header({width, alerts: alerts as readonly {severity: 'warn' | 'crit'}[]})),
      );
      const around = (frame = '') => frame.replace(/no alerts|\s[▲✖] \d+\s+/, '').replaceAll(/\s+/g, ' ');
      expect([around(one), around(many)], `${width}`).toEqual([around(none), around(none)]);
    }
  });

  it('counts the alerts with the glyph of the worst, and says what is lost', () => {
    const server = failing(SAMPLES.server, DOWN);
    const alerts = [{severity: 'warn'}, {severity: 'crit'}] as const;
    expect(frameOf(header({server, alerts, readOnly: true, pausedAt: NOW - 9e6}))).toMatchInlineSnapshot(
      `" [DEMO]  PG 18.4 ✖ down 41s  redis ●  ↻ 2 s   ✖ 2        PAUSED 12:04:22Z      12:04:31Z  read-only"`,
    );
  });
});

describe('the server’s figures', () => {
  it('are faint words and numbers in one line', () => {
    const {server} = SAMPLES;
    expect(
      frameOf(<ServerFigures server={server} tpsHistory={[1, 2, undefined, 4]} width={100} theme={PLAIN} />),
    ).toMatchInlineSnapshot(
      `" 412 tx/s ▃▅ █  hit 99.8%  sessions 38/200  (3 active, 1 waiting)  size 1.4 GB  oldest xact 4s"`,
    );
  });
});

describe('the footer', () => {
  const bindings = [
    {keys: ['enter'], label: 'details', footer: 1},
    {keys: ['up'], shown: '↑↓', label: 'row', footer: 2},
    {keys: ['q'], label: 'quit', footer: 0},
  ] as const;

  it('names the keys that have room', () => {
    const footer = (width: number) => frameOf(<Footer {...{bindings, width}} filter={undefined} theme={PLAIN} />);
    expect([60, 24, 10].map(footer)).toMatchInlineSnapshot(`
      [
        " ⏎ details  ↑↓ row  q quit",
        " ⏎ details  q quit",
        " q quit",
      ]
    `);
  });

  it('shows the end of a filter that is being typed', () => {
    const footer = <Footer bindings={bindings} filter="svc_execution" width={24} theme={{...PLAIN, ascii: true}} />;
    expect(frameOf(footer)).toMatchInlineSnapshot(`" /~c_execution_  q quit"`);
  });
});

describe('the alert bar', () => {
  const alerts = [
    {severity: 'crit', text: sanitise('standby-2 does not answer'), since: NOW - 41e6},
    {severity: 'warn', text: sanitise('strategy_engine is blocked'), since: NOW - 8e6},
    {severity: 'warn', text: sanitise('4 late runs'), since: NOW},
  ] as const;
  const quiet = {note: undefined, acting: undefined, ...LINE} as const;

  it('shows as many alerts as fit, and counts the others', () => {
    expect(frameOf(<AlertBar alerts={alerts} height={3} {...quiet} />)).toMatchInlineSnapshot(`
      " ✖ 12:03:50Z  standby-2 does not answer
       ▲ 12:04:23Z  strategy_engine is blocked
       ▲ 12:04:31Z  4 late runs"
    `);
    expect(frameOf(<AlertBar alerts={alerts} height={1} {...quiet} width={70} />)).toMatchInlineSnapshot(
      `" ✖ 12:03:50Z  standby-2 does not answer +2"`,
    );
  });

  it('counts the alerts beyond those that it can show', () => {
    const many = [...alerts, ...alerts];
    expect(
      frameOf(<AlertBar alerts={many} height={3} {...quiet} />)
        .split('\n')
        .at(-1),
    ).toMatchInlineSnapshot(`" ▲ 12:04:31Z  4 late runs +3"`);
  });

  it('shows a note before everything else, and the action whose dialog is closed before alerts', () => {
    const ended = acting({phase: 'ended', outcome: OUTCOME});
    const bar = (
      <AlertBar alerts={alerts} height={3} {...LINE} note="copied 212 characters" acting={ended} width={99} />
    );
    expect(frameOf(bar)).toMatchInlineSnapshot(`
      " copied 212 characters
       ● VACUUM ANALYZE execution.trades done: 412,000 dead rows removed, statistics updated
       ✖ 12:03:50Z  standby-2 does not answer   ▲ 12:04:23Z  strategy_engine is blocked +1"
    `);
  });
});

describe('a terminal that is too small', () => {
  it('says so, and shows the alerts', () => {
    const alerts = [{severity: 'crit', text: sanitise('standby-2 does not answer'), since: NOW}] as const;
    const screen = <TooSmall environment="prod" alerts={alerts} columns={40} rows={8} theme={PLAIN} />;
    expect(frameOf(screen).trimEnd()).toMatchInlineSnapshot(`
      "tradetop [PROD]
      40×8 is too small: needs 60×15 or more
       ✖ 12:04:31Z  standby-2 does not answer"
    `);
  });
});
