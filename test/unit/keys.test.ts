import {describe, expect, it} from 'vitest';
import {BINDINGS, bindingOf, type Context} from '../../src/input/bindings.ts';
import {isText, keyLabel, keysOf} from '../../src/input/keys.ts';

describe('keys', () => {
  it('are read one by one from an input that carries several', () => {
    expect(keysOf('vay\r', {})).toEqual(['v', 'a', 'y', 'enter']);
    expect(keysOf('jjj', {})).toEqual(['j', 'j', 'j']);
    expect(keysOf('é漢👍', {})).toEqual(['é', '漢', '👍']);
    expect(keysOf('j\u0018\u0003\t\n\u007f', {})).toEqual(['j', 'ctrl-x', 'ctrl-c', 'tab', 'enter', 'backspace']);
  });

  it('have names where they write nothing', () => {
    expect(keysOf('', {upArrow: true})).toEqual(['up']);
    expect(keysOf('\r', {return: true})).toEqual(['enter']);
    expect(keysOf('', {tab: true, shift: true})).toEqual(['shift-tab']);
    expect(keysOf('', {escape: true})).toEqual(['escape']);
    expect(keysOf('', {delete: true})).toEqual(['backspace']);
    expect(keysOf('x', {ctrl: true})).toEqual(['ctrl-x']);
    expect(keysOf('V', {shift: true})).toEqual(['V']);
  });

  it('are an escape and a key when both arrive together', () => {
    expect(keysOf('q', {meta: true})).toEqual(['escape', 'q']);
    expect(keysOf('\r', {meta: true, return: true})).toEqual(['escape', 'enter']);
  });

  it('are none where a terminal says what nobody pressed', () => {
    expect(keysOf('a', {eventType: 'release'})).toEqual([]);
    expect(keysOf('\ud800\u200b', {})).toEqual([]);
    expect(keysOf('', {})).toEqual([]);
  });

  it('are told apart from text', () => {
    expect(['a', '漢', ' ', 'up', 'ctrl-x', ''].map(isText)).toEqual([true, true, true, false, false, false]);
  });

  it('are named on the screen', () => {
    expect(['enter', 'ctrl-x', 'V', 'pagedown', 'up'].map(key => keyLabel(key))).toEqual([
      '⏎',
      'Ctrl-X',
      'V',
      'PgDn',
      '↑',
    ]);
    expect(['enter', 'up'].map(key => keyLabel(key, true))).toEqual(['Enter', 'Up']);
  });
});

describe('the bindings', () => {
  const contexts: readonly Context[] = [
    'panes',
    'filter',
    'chooser',
    'act',
    'help',
    'details',
    'checks',
    'rejects',
    'reject',
  ];

  it('give no key two meanings in one place', () => {
    const clashes = contexts.flatMap(context =>
      BINDINGS.filter(b => b.in.includes(context)).flatMap(b =>
        b.keys.filter(key => bindingOf(key, context) !== b).map(key => `${context}: ${key}`),
      ),
    );
    expect(clashes).toEqual([]);
  });

  it('act by upper case and Ctrl alone, and look by all else', () => {
    const loud = BINDINGS.filter(b => b.danger !== 'none').flatMap(b => b.keys.filter(key => !/^[A-Z]$/.test(key)));
    expect(loud).toEqual([]);
    expect(bindingOf('k', 'panes')?.id).toBe('up');
  });

  it('leave every place by Esc, and quit from anywhere by Ctrl-C', () => {
    for (const context of contexts) {
      expect(bindingOf('escape', context)?.id, context).toBe('back');
      expect(bindingOf('ctrl-c', context)?.id, context).toBe('quit_now');
    }
  });

  it('take no character in places where text is typed', () => {
    const typed = BINDINGS.filter(b => b.in.some(c => c === 'filter' || c === 'chooser')).flatMap(b =>
      b.keys.filter(isText),
    );
    expect(typed).toEqual([]);
  });
});
