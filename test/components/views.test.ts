import {describe, expect, it} from 'vitest';
import {PANES} from '../../components/panes/index.ts';
import {readViews, viewOf, viewsOf} from '../../components/views.ts';
import {VIEWS} from '../../src/model/views.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {stateOf} from '../helpers/state/screen.ts';

describe('the views', () => {
  it('have every pane, each view its panes once, and at most nine', () => {
    const named = VIEWS.flatMap(view => view.panes);
    expect(PANES.map(pane => pane.id).filter(id => !named.includes(id))).toEqual([]);
    for (const {name, panes} of VIEWS) {
      expect(new Set(panes).size, name).toBe(panes.length);
      expect(panes.length, name).toBeLessThanOrEqual(9);
    }
  });

  it('leave out panes that nothing defines, and views without any', () => {
    const views = [
      {name: 'Later', panes: ['not_built']},
      {name: 'Mixed', panes: ['not_built', 'sync']},
    ];
    expect(viewsOf({views})).toEqual([{name: 'Mixed', panes: ['sync']}]);
    expect(viewOf(stateOf({about: {views}})).name).toBe('Mixed');
  });

  it('take those of the config file, in place of one of the same name or after the others', () => {
    const views = readViews({desk: ['health'], ' Night\u001b ': ['health', 'trades', 'health']});
    expect(views.map(view => view.name)).toEqual(['Main', 'desk', 'Database', 'Pipeline', 'Control', 'Night␛']);
    expect(views.at(-1)?.panes).toEqual(['health', 'trades']);
    expect(readViews()).toEqual(VIEWS);
  });

  it.each([
    [{Night: ['helth']}, 'The view Night of the config file names helth, which is no pane.', 'Did you mean health?'],
    [{Night: ['xyz']}, 'The view Night of the config file names xyz, which is no pane.', /^Panes: trades, /],
    [{Night: []}, 'The view Night of the config file has 0 panes.', /^Name 1 to 9: trades, /],
    [{'  ': ['health']}, 'A view of the config file has no name.', /^Write views: /],
  ])('refuse %j of the config file', (views, message, next) => {
    expect(() => readViews(views)).toThrow(expect.objectContaining({message, next: expect.stringMatching(next)}));
  });

  it('are named in the header, with their panes by digits', () => {
    const screen = drawApp(stateOf({ui: {view: 'Books', focus: 'positions'}}), 120, 30).split('\n');
    expect(screen[0]).toContain('[DEMO]  Books  ');
    expect(screen[2]).toMatch(/^╭─ 1 Trades ─.*─╮╭─ 2 Positions ─.*╮$/);
  });
});
