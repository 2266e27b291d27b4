import {describe, expect, it} from 'vitest';
import type {Action} from '../../src/actions/action.ts';
import * as actions from '../../src/actions/index.ts';
import {actionBindings} from '../../src/input/action-bindings.ts';
import {EVERYWHERE, READING} from '../../src/input/binding.ts';
import {BINDINGS, bindingOf, bindingsIn} from '../../src/input/bindings.ts';
import {CONTEXTS} from '../../src/input/handle-key.ts';
import {isText, keyLabel, keysOf} from '../../src/input/keys.ts';

describe('keys', () => {
  it('are read one by one from an input that carries several', () => {
    expect(keysOf('vay\r', {})).toEqual(['v', 'a', 'y', 'enter']);
    expect(keysOf('jjj', {})).toEqual(['j', 'j', 'j']);
    expect(keysOf('é漢👍', {})).toEqual(['é', '漢', '👍']);
    expect(keysOf('j\u0018\u0003\t\n\u007f', {})).toEqual(['j', 'ctrl-x', 'ctrl-c', 'tab', 'enter', 'backspace']);
  });

  it('have names where they type no character', () => {
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

  it('are none where a terminal reports no key press', () => {
    expect(keysOf('a', {eventType: 'release'})).toEqual([]);
    expect(keysOf('\ud800\u200b', {})).toEqual([]);
    expect(keysOf('', {})).toEqual([]);
  });

  it('are distinguished from text', () => {
    expect(['a', '漢', ' ', 'up', 'ctrl-x', ''].map(isText)).toEqual([true, true, true, false, false, false]);
  });

  it('have labels for the screen', () => {
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
  it('give no key two meanings in one context', () => {
    const clashes = EVERYWHERE.flatMap(context =>
      BINDINGS.filter(b => b.in.includes(context)).flatMap(b =>
        b.keys.filter(key => bindingOf(key, context) !== b).map(key => `${context}: ${key}`),
      ),
    );
    expect(clashes).toEqual([]);
  });

  it('act by upper case and Ctrl alone', () => {
    const loud = BINDINGS.filter(b => b.danger !== 'none').flatMap(b => b.keys.filter(key => !/^[A-Z]$/.test(key)));
    expect(loud).toEqual([]);
    expect(bindingOf('k', 'panes')?.id).toBe('up');
  });

  it('leave every context by Esc, and quit in each by Ctrl-C', () => {
    for (const context of EVERYWHERE) {
      expect(bindingOf('escape', context)?.id, context).toBe('back');
      expect(bindingOf('ctrl-c', context)?.id, context).toBe('quit_now');
    }
  });

  it('bind no character in contexts where text is typed', () => {
    const typed = BINDINGS.filter(b =>
      b.in.some(c => c === 'filter' || c === 'chooser' || c === 'palette' || c === 'form'),
    ).flatMap(b => b.keys.filter(isText));
    expect(typed).toEqual([]);
  });

  it('name every context, and one that takes text only where it takes it', () => {
    expect([...EVERYWHERE].sort()).toEqual(Object.keys(CONTEXTS).sort());
    expect(Object.entries(CONTEXTS).flatMap(([where, {typed}]) => (typed ? [where] : []))).toEqual([
      'filter',
      'chooser',
      'palette',
      'form',
      'act',
    ]);
  });

  it('have a handler in every context that they claim, and no context has another', () => {
    for (const where of EVERYWHERE) {
      const handled = Object.keys(CONTEXTS[where].commands);
      const claimed = new Set<string>(bindingsIn(where).map(b => b.id));
      const shared = READING.some(reading => reading === where);
      expect(
        [...claimed].filter(id => !handled.includes(id)),
        where,
      ).toEqual([]);
      if (!shared)
        expect(
          handled.filter(id => !claimed.has(id)),
          where,
        ).toEqual([]);
    }
    const read = new Set<string>(READING.flatMap(where => bindingsIn(where).map(b => b.id)));
    expect(Object.keys(CONTEXTS.help.commands).filter(id => !read.has(id))).toEqual([]);
  });

  it('start every action that names a key, and no other', () => {
    const started = BINDINGS.filter(b => b.id === 'start_action');
    expect(started.map(b => [b.action?.id, ...b.keys])).toEqual(
      Object.values(actions)
        .filter(action => action.key !== '')
        .map(action => [action.id, action.key]),
    );
  });

  it('are made of an action’s own declaration', () => {
    const action: Action = {...actions.analyzeAction, id: 'reindex', title: 'REINDEX', key: 'R', danger: 'destroys'};
    expect(actionBindings([{...action, help: 'Builds indexes anew.'}])).toMatchObject([
      {id: 'start_action', keys: ['R'], label: 'REINDEX', help: 'REINDEX: builds indexes anew', danger: 'destroys'},
    ]);
    expect(actionBindings([{...action, footer: 'reindex'}])).toMatchObject([{label: 'reindex', footer: 3}]);
    expect(actionBindings([{...action, key: ''}])).toEqual([]);
  });
});
