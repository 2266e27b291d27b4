import {describe, expect, it} from 'vitest';
import {initialUi, paneUi, REFRESH_STEPS, reduceUi, refreshStep} from '../../src/store/ui.ts';

const ui = initialUi({focus: 'trades', refreshMs: 2000, readOnly: false});

describe('the screen’s state', () => {
  it('keeps the pane of the grid that had the focus last', () => {
    const away = reduceUi(ui, {kind: 'focus', pane: 'sync', home: 'trades'});
    expect(away).toMatchObject({focus: 'sync', home: 'trades'});
    expect(reduceUi(away, {kind: 'focus', pane: 'audit'})).toMatchObject({focus: 'audit', home: 'trades'});
  });

  it('changes one pane and leaves the others as they are', () => {
    const next = reduceUi(ui, {kind: 'pane', pane: 'positions', change: {filter: 'aapl'}});
    expect(next.panes.positions).toEqual({selected: undefined, filter: 'aapl', sort: undefined, reverse: false});
    expect(paneUi(next, 'trades')).toBe(paneUi(ui, 'trades'));
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
