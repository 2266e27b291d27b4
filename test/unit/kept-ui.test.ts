import {mkdtempSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {keepUi, keptUiFile, readKeptUi} from '../../src/app/kept-ui.ts';

const dir = mkdtempSync(join(tmpdir(), 'tradetop-kept-'));
afterAll(() => rmSync(dir, {recursive: true}));
let files = 0;
const newFile = (text?: string): string => {
  const path = join(dir, `${++files}`, 'screen.json');
  if (text === undefined) return path;
  const flat = join(dir, `${++files}.json`);
  writeFileSync(flat, text);
  return flat;
};

const about = {};
const UNTOUCHED = {selected: undefined, filter: '', sort: undefined, reverse: false};
const ui = {
  view: 'Main',
  focus: 'positions',
  panes: {
    trades: {...UNTOUCHED, selected: 'T-1', index: 4},
    positions: {...UNTOUCHED, selected: 'x', filter: '!AAPL', sort: 'market_value', reverse: true, wide: true},
  },
};

describe('the screen that is kept between two consoles', () => {
  it('has view, focus, order, filter and columns, and no selection', () => {
    const path = newFile();
    keepUi(path, '', ui);
    expect(readKeptUi(path, '', about)).toEqual({
      view: 'Main',
      focus: 'positions',
      panes: {positions: {...UNTOUCHED, filter: '!AAPL', sort: 'market_value', reverse: true, wide: true}},
    });
  });

  it('is one of each profile, in a file that its owner alone reads', () => {
    const path = newFile();
    keepUi(path, 'eu', ui);
    keepUi(path, 'us', {...ui, focus: 'health', panes: {}});
    expect(readKeptUi(path, 'eu', about)?.focus).toBe('positions');
    expect(readKeptUi(path, 'us', about)?.focus).toBe('health');
    expect(readKeptUi(path, '', about)).toBeUndefined();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['screen.json']);
  });

  it.each([
    ['no file', undefined],
    ['nothing', ''],
    ['half a file', '{"profiles": {"": {"view": "Ma'],
    ['another kind', '[1, 2]'],
    ['a profile of another kind', '{"profiles": {"": 7}}'],
    ['a view that is gone', '{"profiles": {"": {"view": "Gone", "focus": "trades"}}}'],
    ['a huge file', ' '.repeat(1_000_001)],
  ])('is unknown where there is %s, and can be kept anew', (_, text) => {
    const path = newFile(text);
    expect(readKeptUi(path, '', about)).toBeUndefined();
    keepUi(path, '', ui);
    expect(readKeptUi(path, '', about)?.view).toBe('Main');
  });

  it('leaves out what is damaged or gone, and shows no control characters', () => {
    const panes = {
      trades: {filter: 7, sort: {}, reverse: 'x', wide: 1},
      positions: {filter: 'a\u001b[2Jb', reverse: true},
    };
    const path = newFile(JSON.stringify({profiles: {'': {view: 'Main', focus: 'gone', panes}, other: null}}));
    expect(readKeptUi(path, '', about)).toEqual({
      view: 'Main',
      focus: 'trades',
      panes: {trades: UNTOUCHED, positions: {...UNTOUCHED, filter: 'a␛[2Jb', reverse: true}},
    });
  });

  it('is not kept where the directory cannot be written', () => {
    keepUi('/dev/null/tradetop/screen.json', '', ui);
    expect(readKeptUi('/dev/null/tradetop/screen.json', '', about)).toBeUndefined();
  });

  it('stands in XDG’s state directory', () => {
    expect(keptUiFile({XDG_STATE_HOME: '/s'})).toBe('/s/tradetop/screen.json');
    expect(keptUiFile({HOME: '/h'})).toBe('/h/.local/state/tradetop/screen.json');
    expect(keptUiFile({HOME: '/h', XDG_STATE_HOME: ''})).toBe('/h/.local/state/tradetop/screen.json');
  });
});
