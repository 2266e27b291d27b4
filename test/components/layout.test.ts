import {describe, expect, it} from 'vitest';
import {layoutOf} from '../../components/layout.ts';
import {stateOf} from '../helpers/state/screen.ts';

const {ui} = stateOf();

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
          [240, 60],
        ] as const) {
          const layout = layoutOf({...ui, focus, zoomed}, columns, rows);
          if (layout.kind === 'small') throw new Error('has room for panes');
          const panes = layout.boxes.reduce((sum, [box]) => sum + (box?.height ?? 0), 0);
          expect(layout.header + panes + layout.brief.length + layout.alertBar + 1, `${columns}×${rows}`).toBe(rows);
          for (const line of layout.boxes) expect(line.reduce((sum, box) => sum + box.width, 0)).toBe(columns);
        }
      }
    }
  });

  it('gives a line to the panes outside the grid from 40 rows on', () => {
    const brief = (rows: number, panes: Parameters<typeof layoutOf>[3]) => {
      const layout = layoutOf(ui, 160, rows, panes);
      return layout.kind === 'small' ? [] : layout.brief;
    };
    expect(brief(39, undefined)).toEqual([]);
    expect(brief(40, ['trades', 'positions', 'slow_queries', 'health'])).toEqual([]);
    expect(brief(40, ['trades', 'positions', 'slow_queries', 'health', 'sync'])).toEqual(['sync']);
  });
});
