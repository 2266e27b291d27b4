import {describe, expect, it} from 'vitest';
import {layoutOf} from '../../components/layout.ts';
import {stateOf} from '../helpers/state/screen.ts';

const {ui} = stateOf();
const FOUR = ['trades', 'positions', 'slow_queries', 'health'];
const FIVE = [...FOUR, 'sync'];
const SIX = [...FIVE, 'alerts'];

describe('the layout', () => {
  it('uses every line of the terminal, whatever the size and the pane in focus', () => {
    for (const focus of ['trades', 'sync'] as const) {
      for (const zoomed of [true, false]) {
        for (const [columns, rows] of [
          [60, 15],
          [80, 24],
          [100, 30],
          [120, 30],
          [160, 48],
          [200, 50],
          [240, 60],
          [300, 60],
        ] as const) {
          for (const view of [['trades'], ['sync', 'trades'], FOUR.slice(1), FIVE, SIX, [...SIX, 'risk', 'orders']]) {
            const layout = layoutOf({...ui, focus, zoomed}, columns, rows, view);
            if (layout.kind === 'small') throw new Error('has room for panes');
            const panes = layout.boxes.reduce((sum, [box]) => sum + (box?.height ?? 0), 0);
            expect(layout.header + panes + layout.brief.length + layout.alertBar + 1, `${columns}×${rows}`).toBe(rows);
            for (const line of layout.boxes) expect(line.reduce((sum, box) => sum + box.width, 0)).toBe(columns);
          }
        }
      }
    }
  });

  it('gives a line to the panes outside the grid from 40 rows on', () => {
    const brief = (rows: number, panes: readonly string[]) => {
      const layout = layoutOf(ui, 160, rows, panes);
      return layout.kind === 'small' ? [] : layout.brief;
    };
    expect(brief(39, FIVE)).toEqual([]);
    expect(brief(40, FOUR)).toEqual([]);
    expect(brief(40, FIVE)).toEqual(['sync']);
  });

  it('has two panes side by side, from 200×50 on six of them, and three of them from 270 columns on', () => {
    const grid = (columns: number, rows: number, panes: readonly string[]) => {
      const layout = layoutOf(ui, columns, rows, panes);
      return layout.kind === 'small' ? [] : layout.boxes.map(line => line.map(({id}) => id).join(' '));
    };
    expect(grid(120, 30, SIX)).toEqual(['trades positions', 'slow_queries health']);
    expect(grid(199, 60, SIX)).toEqual(['trades positions', 'slow_queries health']);
    expect(grid(200, 49, SIX)).toEqual(['trades positions', 'slow_queries health']);
    expect(grid(200, 50, SIX)).toEqual(['trades positions', 'slow_queries health', 'sync alerts']);
    expect(grid(240, 60, FIVE)).toEqual(['trades positions', 'slow_queries health', 'sync']);
    expect(grid(270, 60, SIX)).toEqual(['trades positions slow_queries', 'health sync alerts']);
    expect(grid(120, 30, ['trades', 'health'])).toEqual(['trades health']);
  });
});
