import {describe, expect, it} from 'vitest';
import {toClipboard} from '../../src/app/clipboard.ts';
import {isDumb, terminalOf, wantsColour} from '../../src/core/terminal.ts';

describe('a terminal', () => {
  it.each([
    ['vt100', {}, '', ''],
    ['vt102', {}, '', 'moves'],
    ['vt220', {}, '25', 'moves'],
    ['vt420-w', {}, '25', 'moves'],
    ['linux', {}, '25', 'moves ascii'],
    ['ansi', {}, '', 'ascii'],
    ['cons25', {}, '', 'ascii'],
    ['screen', {}, '25 1049 2004', 'moves clipboard'],
    ['screen.xterm-256color', {STY: '1.pts'}, '25 1049 2004', 'moves clipboard'],
    ['screen-256color', {TMUX: '/tmp/tmux-0/default,1,0'}, '25 1049 2004 2026', 'moves clipboard'],
    ['tmux-256color', {}, '25 1049 2004 2026', 'moves clipboard'],
    ['xterm', {}, '25 1049 2004 2026', 'moves clipboard'],
    ['vte-256color', {}, '25 1049 2004 2026', 'moves clipboard'],
    ['a-new-one', {}, '25 1049 2004 2026', 'moves clipboard'],
  ])('knows what its name tells: %s', (TERM, env, modes, rest) => {
    const knows = terminalOf({TERM, ...env});
    const words = [knows.movesRows && 'moves', knows.clipboard && 'clipboard', !knows.glyphs && 'ascii'];
    expect([knows.modes.join(' '), words.filter(Boolean).join(' ')]).toEqual([modes, rest]);
  });

  it('is dumb where nothing can be sent to it but lines', () => {
    expect(['dumb', 'unknown', 'network', 'vt52', '', undefined].map(TERM => isDumb({TERM}))).toEqual(
      new Array(6).fill(true),
    );
    expect(['vt100', 'linux', 'xterm'].map(TERM => isDumb({TERM}))).toEqual([false, false, false]);
  });

  it('has colours as NO_COLOR, FORCE_COLOR and its name say', () => {
    expect(
      [
        {TERM: 'xterm'},
        {TERM: 'linux', NO_COLOR: ''},
        {TERM: 'tmux-256color', NO_COLOR: '1'},
        {TERM: 'dumb'},
        {},
        {TERM: 'vt100'},
        {TERM: 'xterm-mono'},
        {NO_COLOR: '1', FORCE_COLOR: '1'},
        {TERM: 'xterm', FORCE_COLOR: '0'},
      ].map(wantsColour),
    ).toEqual([true, true, false, false, false, false, false, true, false]);
  });
});

describe('the clipboard', () => {
  it('is reached by OSC 52, wrapped for tmux and screen', () => {
    const plain = '\x1b]52;c;YQ==\x07';
    expect(toClipboard('a')).toEqual({bytes: plain});
    expect(toClipboard('a', {TMUX: '/tmp/tmux-0/default,1,0'}).bytes).toBe(`${plain}\x1bPtmux;\x1b${plain}\x1b\\`);
    expect(toClipboard('a', {STY: '1.pts'}).bytes).toBe(`\x1bP${plain}\x1b\\`);
    // On a host behind it only the name tells, which older versions of tmux have too.
    expect(toClipboard('a', {TERM: 'screen-256color'}).bytes).toBe(`${plain}\x1bP${plain}\x1b\\`);
  });

  it('is reached in pieces through GNU screen, which cuts what is longer', () => {
    const text = 'SELECT 1; '.repeat(500);
    const {bytes} = toClipboard(text, {STY: '1.pts'});
    const pieces = bytes.split('\x1b\\').filter(piece => piece !== '');
    expect(Math.max(...pieces.map(piece => piece.length))).toBeLessThanOrEqual(256);
    expect(pieces.map(piece => piece.replace('\x1bP', '')).join('')).toBe(toClipboard(text).bytes);
  });

  it('takes so much as terminals take, in whole characters, and says so', () => {
    const {bytes, but} = toClipboard('€'.repeat(30_000));
    const copied = Buffer.from(bytes.slice('\x1b]52;c;'.length, -1), 'base64').toString('utf8');
    expect(copied).toBe('€'.repeat(24_666));
    expect(bytes.length).toBeLessThan(100_000);
    expect(but).toBe('copied the first 24666 of 30000 characters');
  });

  it('is not there on a terminal that would show the sequence as text', () => {
    expect(toClipboard('a', {TERM: 'vt100'})).toEqual({
      bytes: '',
      but: 'not copied: a terminal like vt100 has no clipboard',
    });
  });
});
