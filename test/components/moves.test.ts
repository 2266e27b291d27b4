import {stripVTControlCharacters} from 'node:util';
import {render} from 'ink-testing-library';
import {createElement} from 'react';
import {describe, expect, it} from 'vitest';
import {themeOf} from '../../components/lines/theme.ts';
import {paneOf} from '../../components/panes/index.ts';
import type {State} from '../../src/model/state.ts';
import type {PaneId} from '../../src/model/ui-state.ts';
import type {TableRow} from '../../src/monitor/tables.ts';
import {DOWN, failing, NOW, ok, SAMPLES, stateOf, table} from '../helpers/state/screen.ts';

const SECOND = 1_000_000;

/** The rows of a pane after each State in turn, each as its words. */
function rowsAfter(id: PaneId, states: readonly State[], {focused = true, ascii = false} = {}): readonly string[] {
  const element = (state: State) =>
    createElement(paneOf(id).Connected, {
      state,
      width: 100,
      height: 8,
      focused,
      theme: themeOf({about: {colour: false, ascii}}),
    });
  const [first, ...rest] = states as [State, ...State[]];
  const app = render(element(first));
  const seen = [app.lastFrame() ?? ''];
  for (const state of rest) {
    app.rerender(element(state));
    seen.push(app.lastFrame() ?? '');
  }
  app.unmount();
  return seen.map(frame => stripVTControlCharacters(frame).split('\n').slice(2, 4).join('\n'));
}

const read = (seconds: number, ...rows: readonly TableRow[]): State => {
  const at = NOW + seconds * SECOND;
  return {...stateOf({samples: {tables: {...ok(rows), at}}}), at};
};

describe('a number that has moved since the reading before', () => {
  const [a, b] = [table('execution', 'trades'), table('execution', 'orders')];
  const more = {...a, deadRows: 500_000};
  const fewer = {...b, liveRows: 5};

  it('has an arrow in front of it, until the next reading', () => {
    const [first = '', second = '', between, third = ''] = rowsAfter('tables', [
      read(0, a, b),
      read(2, more, fewer),
      {...read(2, more, fewer), at: NOW + 3 * SECOND},
      read(4, more, fewer),
    ]);
    expect(first).not.toMatch(/[↑↓]/);
    expect(second).toMatch(/trades.*↑500/);
    expect(second).toMatch(/orders.*↓5 /);
    // Its share of dead rows moves with each.
    expect(second.match(/[↑↓]/g)).toHaveLength(4);
    expect(between).toBe(second);
    expect(third).not.toMatch(/[↑↓]/);
    // Nothing else moves for it.
    expect(second.replaceAll(/[↑↓]/g, ' ')).toBe(third);
  });

  it('has none in a pane without the focus, of a source that fails, or where only time has passed', () => {
    expect(rowsAfter('tables', [read(0, a), read(2, more)], {focused: false}).join()).not.toMatch(/[↑↓]/);
    const lost: State = {...stateOf({samples: {tables: failing(ok([more]), DOWN)}}), at: NOW + 3 * SECOND};
    expect(rowsAfter('tables', [read(0, a), lost])[1]).not.toMatch(/[↑↓]/);
    const later = {
      ...SAMPLES.backends,
      at: NOW + 2 * SECOND,
      rows: SAMPLES.backends.rows.map(row => ({...row, stateSeconds: (row.stateSeconds ?? 0) + 2})),
    };
    const [, waited] = rowsAfter('sessions', [stateOf(), stateOf({samples: {backends: later}})]);
    expect(waited).not.toMatch(/[↑↓]/);
  });

  it('is sought in numbers alone: a time, be it one that no calendar has, is none', () => {
    const far = {...a, lastVacuum: -9e21};
    expect(rowsAfter('tables', [read(0, far), read(2, {...more, lastVacuum: 9e21})])[1]).toMatch(/trades.*↑500/);
  });

  it('has an ASCII arrow where the terminal shows no other', () => {
    expect(rowsAfter('tables', [read(0, a), read(2, more)], {ascii: true})[1]).toMatch(/trades.*\^500/);
  });
});
