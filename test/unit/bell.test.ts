import {expect, it} from 'vitest';
import {ringForCritical} from '../../src/app/bell.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {Alert} from '../../src/model/state.ts';
import {alert, NOW, stateOf} from '../helpers/state/screen.ts';

it('rings when an alert becomes critical: once for all that do, once until it ends, for nobody who knows', () => {
  let [rings, alerts, listener]: [number, readonly Alert[], () => void] = [0, [], () => {}];
  const store = {
    get: () => ({...stateOf(), alerts}),
    subscribe: (heard: () => void) => {
      listener = heard;
      return () => {
        listener = () => {};
      };
    },
  };
  const stop = ringForCritical(store, () => rings++);
  const show = (...next: readonly Alert[]): number => {
    alerts = next;
    const before = rings;
    listener();
    return rings - before;
  };
  const crit = (id: string, change: Partial<Omit<Alert, 'text'>> = {}) =>
    alert({id, severity: 'crit', text: id, ...change});
  expect(show(alert({id: 'a', text: 'a'}))).toBe(0);
  expect(show(crit('a'), crit('b'))).toBe(1);
  expect(show(crit('a'), crit('b'))).toBe(0);
  expect(show(crit('a', {mutedUntil: NOW + 1e6}), crit('b'))).toBe(0);
  expect(show(crit('a'), crit('b'), crit('c', {causedBy: 'a'}), crit('d', {unknownSince: NOW}))).toBe(0);
  const acknowledged = {by: sanitise('ann'), at: NOW, note: undefined};
  expect(show(crit('a'), crit('b'), crit('e', {acknowledged}))).toBe(0);
  expect(show(crit('b'))).toBe(0);
  expect(show(crit('a'), crit('b'))).toBe(1);
  stop();
  expect(show(crit('z'))).toBe(0);
});
