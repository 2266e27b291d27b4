import {describe, expect, it} from 'vitest';
import {edgeLabels} from '../../components/lines/frame.ts';
import type {Line} from '../../components/lines/theme.ts';
import type {State} from '../../src/model/state.ts';
import {drawApp, drawPane} from '../helpers/state/draw.ts';
import {alert, DENIED, failing, NOW, ok, stateOf, waiting} from '../helpers/state/screen.ts';

const footerOf = (state: State, columns = 80, rows = 24): string =>
  (drawApp(state, columns, rows).split('\n').at(-1) ?? '').trim();
const ALERTS = [alert({id: 'blocked:1/1', text: 'pid 1 blocks 5 others', severity: 'crit', since: NOW})];

describe('the footer', () => {
  it('names the way to the alerts before other views, where one stands', () => {
    expect(footerOf(stateOf())).toBe('1… pane  [ ] view  ⏎ details  v verify  V vacuum  : commands  ? help  q quit');
    expect(footerOf(stateOf({alerts: ALERTS}))).toBe(
      '1… pane  ⏎ details  ! alerts  v verify  V vacuum  : commands  ? help  q quit',
    );
  });

  it('names what goes on from an alert before what looks after tables, and nothing of the kind where there is none', () => {
    expect(footerOf(stateOf({alerts: ALERTS, ui: {focus: 'alerts'}}))).toBe(
      '1… pane  ⏎ details  → leads to  a ack  m mute  : commands  ? help  q quit',
    );
    expect(footerOf(stateOf({alerts: [], ui: {focus: 'alerts'}}), 240, 60)).not.toMatch(/ack|mute|cancel|end session/);
  });

  it('names a key only where it does something', () => {
    const keys = (state: State) => footerOf(state, 300, 60);
    const named = / (e explain|d mode|l life|h history|→ leads to)/g;
    const inPane = (focus: string) =>
      keys(stateOf({ui: {focus}}))
        .match(named)
        ?.map(text => text.trim()[0]);
    expect(inPane('trades')).toEqual(['h', 'l']);
    expect(inPane('health')).toEqual(['→', 'h']);
    expect(inPane('slow_queries')).toEqual(['→', 'h', 'd', 'e']);
    expect(inPane('orders')).toEqual(['→', 'h', 'l']);
    const details = (pane: string) =>
      keys(stateOf({ui: {focus: pane, overlay: {kind: 'details', pane, key: '1', scroll: 0}}}));
    expect(details('health')).not.toMatch(/explain|life/);
    expect(details('orders')).toMatch(/l life/);
  });

  it('names Esc where it leads back', () => {
    const filtered = {trades: {selected: undefined, filter: 'SPY', sort: undefined, reverse: false}};
    expect(footerOf(stateOf({ui: {panes: filtered}}))).toContain('Esc back');
    expect(footerOf(stateOf({ui: {zoomed: true}}))).toContain('Esc back');
    expect(footerOf(stateOf())).not.toContain('Esc');
  });
});

describe('the edges of a pane', () => {
  const textOf = (line: Line) => line.map(([text]) => text).join('');
  const edge = (first: string, second: string, width: number) => edgeLabels([[first]], [[second]], width).map(textOf);

  it('lose their last parts whole: a number that is cut says another one', () => {
    const head = 'pid 4077 blocks 13 · analytics · 6m52s in transaction';
    expect(edge('1 Sessions', head, 80)).toEqual([' 1 Sessions ', ` ${head} `]);
    expect(edge('1 Sessions', head, 60)).toEqual([' 1 Sessions ', ' pid 4077 blocks 13 · analytics ']);
    expect(edge('1 Sessions', head, 40)).toEqual([' 1 Sessions ', ' pid 4077 blocks 13 ']);
    expect(edge('1 Sessions', head, 34)[1]?.trim()).toBe('pid 4077 block…');
  });

  it('say nothing of a source that has never answered: it is not known that there is none of it', () => {
    const denied = failing(waiting, DENIED);
    const state = stateOf({
      samples: {
        backends: denied,
        position_limits: denied,
        risk_limits: denied,
        risk_events: denied,
        market_data: denied,
        market_quality: denied,
      },
    });
    for (const id of ['sessions', 'risk']) expect(drawPane(id, state, 80, 9).split('\n').at(-1)).toMatch(/^╰─+╯$/);
    expect(drawPane('sessions', stateOf({samples: {backends: ok([])}}), 80, 9)).toContain('waiting 0');
  });

  it('say which rows are seen before anything else', () => {
    expect(drawPane('positions', stateOf(), 30, 8).split('\n').at(-1)).toMatch(/1–\d+ of \d+ ─╯$/);
  });
});
