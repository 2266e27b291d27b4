import {describe, expect, it} from 'vitest';
import {PANE_IDS} from '../../src/model/panes.ts';
import {initialUi, REFRESH_STEPS, reduceUi, refreshStep} from '../../src/store/ui.ts';

const ui = initialUi({refreshMs: 2000, readOnly: false});

describe('the screen’s state', () => {
  it('goes round the panes in both directions', () => {
    const round = PANE_IDS.reduce(state => reduceUi(state, {kind: 'cycle', by: 1}), ui);
    expect(round.focus).toBe('trades');
    expect(reduceUi(ui, {kind: 'cycle', by: -1}).focus).toBe(PANE_IDS.at(-1));
  });

  it('changes one pane and leaves the others as they are', () => {
    const next = reduceUi(ui, {kind: 'pane', pane: 'positions', change: {filter: 'aapl'}});
    expect(next.panes.positions).toEqual({selected: undefined, filter: 'aapl', sort: undefined, reverse: false});
    expect(next.panes.trades).toBe(ui.panes.trades);
  });

  it('is the same object when nothing changes', () => {
    expect(reduceUi(ui, {kind: 'focus', pane: 'trades'})).toBe(ui);
  });

  it('steps through the intervals and stops at either end', () => {
    expect([refreshStep(2000, 1), refreshStep(2000, -1), refreshStep(2500, 1), refreshStep(2500, -1)]).toEqual([
      5000, 1000, 5000, 2000,
    ]);
    expect([refreshStep(REFRESH_STEPS.at(-1) ?? 0, 1), refreshStep(REFRESH_STEPS[0], -1)]).toEqual([60_000, 250]);
  });
});
