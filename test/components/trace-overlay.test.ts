import {describe, expect, it} from 'vitest';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import type {Trace, TraceStep} from '../../src/trace/step.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {NOW, stateOf} from '../helpers/state/screen.ts';

const overlay = {kind: 'trace', scroll: 0} as const;
const id = sanitise('O-1');
const draw = (trace: State['trace'], columns = 80) => drawApp({...stateOf({ui: {overlay}}), trace}, columns, 24);

const at = Date.parse('2026-11-26T12:04:01Z') * 1000;
const step = (more: Partial<TraceStep> & Pick<TraceStep, 'step'>, text: string): TraceStep => ({
  state: 'done',
  of: id,
  at: undefined,
  lagMs: undefined,
  text: sanitise(text),
  ...more,
});
const trace: Trace = {
  id,
  at: NOW,
  steps: [
    step({step: 'signal', at}, 'buy 10.0000 IBM by momentum'),
    step({step: 'order', at: at + 12_000, lagMs: 12}, 'buy 10.0000 IBM for ACC-1, filled'),
    step({step: 'execution log', state: 'missing'}, 'steps 2 to 3 are not recorded'),
    step(
      {step: 'fill', at: at + 20_000_000, lagMs: 19_988, state: 'late'},
      'buy 10.0000 IBM at 20.0000 for ACC-1: its row was written late',
    ),
    step({step: 'ledger', state: 'denied'}, 'permission denied for table sync_ledger'),
    step({step: 'audit', at: at + 86_400_000_000}, 'ann: correct-trade T-1 applied: wrong price'),
  ],
};

describe('the life of an order over the panes', () => {
  it('has each step with its time and lag, and says what is missing, late and denied', () => {
    expect(draw({id, phase: 'read', trace})).toMatchInlineSnapshot(`
      " [DEMO]  Main  PG 18.4 ●  redis ●  ↻ 2 s  no alerts         12:04:31Z  operator
      ╭─ 1 Trades ────────────────────────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  │
      │╭─ Life of O-1 ──────────────────────────────────────────────────────── UTC ─╮│
      ││ Missing: execution log. Late: fill. Denied: ledger.                        ││
      ││ 2026-11-26                                                                 ││
      ││ 12:04:01.000            signal         buy 10.0000 IBM by momentum         ││
      ││ 12:04:01.012   12.0 ms  order          buy 10.0000 IBM for ACC-1, filled   ││
      ││                         execution log  ✖ missing: steps 2 to 3 are not     ││
      ││                                        recorded                            ││
      ││ 12:04:21.000    20.0 s  fill           ▲ late: buy 10.0000 IBM at 20.0000  ││
      ││                                        for ACC-1: its row was written late ││
      ││                         ledger         ▲ denied: permission denied for     ││
      ││                                        table sync_ledger                   ││
      ││ 2026-11-27                                                                 ││
      ││ 12:04:01.000            audit          ann: correct-trade T-1 applied:     ││
      ╰│                                        wrong price                         │╯
       ╰─ y copy as JSON · Esc back ────────────────────────────────────────────────╯ 
       3 Slow queries       ▲ 2 over 1 s  top: 8.20 s UPDATE strategy_engine.strategi…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs           
       5 Sync               ● no problems  committed 6.2 ms  gaps 0 open, 1 filled  r…

       ↑↓ row  y copy  Esc back"
    `);
  });

  it('says that it is being read, or why it is not', () => {
    expect(draw({id, phase: 'reading'})).toContain('reading …');
    const refused = {
      id,
      phase: 'refused',
      why: sanitise('no connection'),
      next: sanitise('Start the server.'),
    } as const;
    expect(draw(refused)).toMatch(/no life of it: no connection[\s\S]*Start the server\./);
  });

  it('is asked for by l on a row that names one, and copied as JSON by y', () => {
    const typed = (state: State, key: string) => handleScreenKey(state, key, {at: NOW, columns: 80, rows: 24});
    const trades = typed(stateOf({ui: {focus: 'trades'}}), 'l');
    expect(trades).toMatchObject({ui: {overlay: {kind: 'trace'}}, effects: [{kind: 'trace', id: expect.any(String)}]});
    const orders = typed(stateOf({ui: {focus: 'orders'}}), 'l');
    expect(orders.effects).toMatchObject([{kind: 'trace'}]);
    expect(typed(stateOf({ui: {focus: 'positions'}}), 'l')).toMatchObject({
      ui: {note: {text: 'this row names no trade, order or correlation id'}},
      effects: [],
    });
    const shown: State = {...stateOf({ui: {overlay}}), trace: {id, phase: 'read', trace}};
    const [copy] = typed(shown, 'y').effects;
    expect(copy?.kind === 'copy' && JSON.parse(copy.text)).toMatchObject({
      id,
      missing: ['execution log'],
      late: ['fill'],
      denied: ['ledger'],
    });
    expect(typed({...shown, trace: undefined}, 'y').ui?.note?.text).toBe('nothing to copy');
  });
});
