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
    expect(draw({id, phase: 'read', trace})).toMatchInlineSnapshot();
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
    const press = (state: State, key: string) => handleScreenKey(state, key, {at: NOW, columns: 80, rows: 24});
    const trades = press(stateOf({ui: {focus: 'trades'}}), 'l');
    expect(trades).toMatchObject({ui: {overlay: {kind: 'trace'}}, effects: [{kind: 'trace', id: expect.any(String)}]});
    const orders = press(stateOf({ui: {focus: 'orders'}}), 'l');
    expect(orders.effects).toMatchObject([{kind: 'trace'}]);
    expect(press(stateOf({ui: {focus: 'positions'}}), 'l')).toMatchObject({
      ui: {note: {text: 'this row names no trade, order or correlation id'}},
      effects: [],
    });
    const shown: State = {...stateOf({ui: {overlay}}), trace: {id, phase: 'read', trace}};
    const [copy] = press(shown, 'y').effects;
    expect(copy?.kind === 'copy' && JSON.parse(copy.text)).toMatchObject({
      id,
      missing: ['execution log'],
      late: ['fill'],
      denied: ['ledger'],
    });
    expect(press({...shown, trace: undefined}, 'y').ui?.note?.text).toBe('nothing to copy');
  });
});
