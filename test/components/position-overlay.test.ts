import {describe, expect, it} from 'vitest';
import {handleScreenKey} from '../../components/viewport.ts';
import {keyText, sanitise} from '../../src/core/sanitise.ts';
import type {PositionShown} from '../../src/model/position-shown.ts';
import type {PositionTrades} from '../../src/trace/position.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {NOW, stateOf} from '../helpers/state/screen.ts';

const pair = {account: sanitise('ACC-01'), symbol: sanitise('NVDA')};
const stateWith = (position: PositionShown | undefined) => ({
  ...stateOf({ui: {overlay: {kind: 'position', scroll: 0}}}),
  position,
});
const draw = (position: PositionShown | undefined) => drawApp(stateWith(position), 80, 24);
const trade = (n: number, side: 'buy' | 'sell' | undefined, quantity: string, held: string | undefined) => ({
  tradeId: keyText(`T-${n}`),
  orderId: keyText(`O-${n}`),
  executedAt: NOW - n * 60e6,
  side: side && sanitise(side),
  quantity,
  price: '881.0100',
  strategy: keyText('pairs'),
  held,
});
const of: PositionTrades = {
  ...pair,
  trades: 2,
  unknown: 0,
  bought: '100.0000',
  sold: '30.0000',
  closedBefore: undefined,
  opening: '0',
  net: '70.0000',
  position: '70.0000',
  clock: NOW,
  listed: [trade(1, 'sell', '30.0000', '70.0000'), trade(2, 'buy', '100.0000', '100.0000')],
};
const read = (more: Partial<PositionTrades> = {}): PositionShown => ({...pair, phase: 'read', of: {...of, ...more}});

describe('the trades of a position over the panes', () => {
  it('have what was held after each, and come to what the position has', () => {
    expect(draw(read())).toMatchInlineSnapshot(`
      " [DEMO]  Main  PG 18.4 ●  redis ●  ↻ 2 s  no alerts         12:04:31Z  operator
      ╭─ 1 Trades ────────────────────────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  │
      │ 12:04:31.027 JPM    sell     430  195.1100  83,897.30 mean_reversion ACC-02  │
      │ 12:04:30.854 AMZN   buy      355  178.2500  63,278.75 pairs          ACC-03  │
      │ 12:04:30.681 MSFT   buy      280  402.5500 112,714.00 market_making  ACC-01  │
      │ 12:04:30.508 XOM    sell     205  104.3300  21,387.65 momentum       ACC-02  │
      │ 12:04:30.335 META   buy      130  485.5800  63,125.40 mean_reversion ACC-03  │
      │╭─ Trades of ACC-01 NVDA ──────────────────────────────── of the table, UTC ─╮│
      ││ ● 2 trades: bought 100, sold 30: 70, which is what the position has.       ││
      ││  EXECUTED             SIDE     QTY     PRICE     HELD  STRATEGY  TRADE     ││
      ││  2026-11-22 12:03:31  sell      30    881.01       70  pairs     T-1       ││
      ││  2026-11-22 12:02:31  buy      100    881.01      100  pairs     T-2       ││
      │╰─ ⏎ those on the tape · y copy as JSON · Esc back ──────────────────────────╯│
      │ 12:04:29.124 AMZN   buy      105  178.2500  18,716.25 momentum       ACC-01  │
      │ 12:04:28.951 MSFT   sell      30  402.5500  12,076.50 mean_reversion ACC-02  │
      ╰─ ██▇▇▇▇▇▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 58s · seen 18,204 · missed 0 ─── 1–14 of 120 ─╯
       2 Positions          30 open  19,630,434.53  unreal +243,149.51                
       3 Slow queries       ▲ 2 over 1 s  top: 8.20 s UPDATE strategy_engine.strategi…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs           
       5 Sync               ● no problems  committed 6.2 ms  gaps 0 open, 1 filled  r…

       ↑↓ row  y copy  Esc back"
    `);
  });

  it('say so where the position has something else, where closed books count, and where there is no sum', () => {
    expect(draw(read({position: '65.5000'}))).toMatch(
      /✖ 2 trades: bought 100, sold 30: 70, but the position has 65\.5: 4\.5 too/,
    );
    expect(draw(read({position: undefined}))).toContain('but there is no position');
    const closed = {closedBefore: Date.UTC(2026, 8, 1) * 1000, opening: '-5.0000', net: '65.0000', position: '65.0000'};
    expect(draw(read(closed))).toContain('−5 of the books closed before 2026-09-01, 2 trades');
    const unknown = {unknown: 1, net: undefined, listed: [trade(1, undefined, '30.0000', undefined)]};
    expect(draw(read(unknown))).toMatch(/▲ .*There is no sum: the side of 1 trade is [\s\S]*not known/);
    expect(draw(read({trades: 4321}))).toContain('the newest 1,000 of 4,321:');
  });

  it('say that they are being read, and why they cannot be', () => {
    expect(draw({...pair, phase: 'reading'})).toContain('reading …');
    const why = {why: sanitise('row-level security hides them'), next: sanitise('Connect as tradetop_monitor')};
    expect(draw({...pair, phase: 'refused', ...why})).toMatch(/hides them[\s\S]*Connect as tradetop_monitor/);
  });

  it('are copied as JSON by y, with the difference', () => {
    const {effects} = handleScreenKey(stateWith(read({position: '65.5000'})), 'y', {at: NOW, columns: 80, rows: 24});
    const copied = JSON.parse((effects[0] as {readonly text: string}).text);
    expect(copied).toMatchObject({of_trades: '70.0000', position: '65.5000', difference: '-4.5'});
    expect(copied.listed).toHaveLength(2);
  });
});
