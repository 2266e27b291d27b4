import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {sanitise} from '../../src/core/sanitise.ts';
import {cells, cut, dropLast, isolate, pad, tail, wrap} from '../../src/core/width.ts';

const nasty = fc
  .array(
    fc.oneof(
      fc.string({unit: 'binary'}),
      fc.string({unit: 'grapheme'}),
      fc.constantFrom('漢字', '👩‍👩‍👧', 'é', 'e\u0301\u0301', '각', '🇩🇪', 'ｱﾞ', 'ﷺ', '\u0e33', 'ａ'),
    ),
    {maxLength: 8},
  )
  .map(parts => sanitise(parts.join('')));

describe('widths', () => {
  it('are those that Ink measures', () => {
    fc.assert(
      fc.property(nasty, text => cells(text) === stringWidth(text)),
      {numRuns: 500},
    );
  });

  it('counts two cells for wide characters and none for marks', () => {
    expect(['abc', '漢字', 'e\u0301', '👍', '▲●✖…'].map(cells)).toEqual([3, 4, 1, 2, 4]);
  });

  it('cuts to what fits and never halves a character', () => {
    expect(cut('execution.trades', 9)).toBe('execution'.slice(0, 8).concat('…'));
    expect(cut('漢字漢字', 4)).toBe('漢…');
    expect(cut('漢字', 4)).toBe('漢字');
    expect(cut('abc', 0)).toBe('');
    fc.assert(
      fc.property(nasty, fc.integer({min: 0, max: 30}), (text, width) => cells(cut(text, width)) <= Math.max(width, 0)),
      {numRuns: 500},
    );
  });

  it('fills to exactly the width', () => {
    expect([pad('ab', 4), pad('ab', 4, 'right'), pad('ab', 5, 'center'), pad('漢字漢', 4)]).toEqual([
      'ab  ',
      '  ab',
      ' ab  ',
      '漢… ',
    ]);
    fc.assert(
      fc.property(nasty, fc.integer({min: 1, max: 30}), (text, width) => cells(pad(text, width)) === width),
      {numRuns: 500},
    );
  });

  it('keeps the end of what is typed', () => {
    expect([tail('abcdef', 4), tail('abc', 4), tail('a漢字', 4)]).toEqual(['…def', 'abc', '…字']);
  });

  it('wraps between words, and breaks words that are longer than a line', () => {
    expect(wrap('SELECT a FROM b', 8)).toEqual(['SELECT a', 'FROM b']);
    expect(wrap('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
    expect(wrap('', 5)).toEqual(['']);
    fc.assert(
      fc.property(nasty, fc.integer({min: 2, max: 30}), (text, width) => {
        const lines = wrap(text, width);
        return lines.length > 0 && lines.every(line => cells(line) <= width);
      }),
      {numRuns: 500},
    );
  });

  it('keeps a text apart from its neighbours without changing its width', () => {
    expect([isolate('\uff9eab'), isolate('\u0301a'), isolate('a\u0d4e'), isolate('漢字')]).toEqual([
      'ab ',
      'a',
      'a ',
      '漢字',
    ]);
    fc.assert(
      fc.property(nasty, text => cells(isolate(text)) === cells(text)),
      {numRuns: 300},
    );
    fc.assert(
      fc.property(nasty, text => cells(`a${isolate(text)}b`) === 2 + cells(text)),
      {numRuns: 300},
    );
  });

  it('deletes a whole character at once', () => {
    expect([dropLast('abc'), dropLast('e\u0301'), dropLast('👍'), dropLast('')]).toEqual(['ab', '', '', '']);
  });
});
