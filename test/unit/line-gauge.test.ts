import {expect, it} from 'vitest';
import {createLineGauge} from '../../src/app/screen/line-gauge.ts';

/** A gauge, and what it makes of a frame that a terminal 10 ms away shows after so long. */
function gaugeOf() {
  let at = 0;
  const gauge = createLineGauge(() => at);
  const send = (bytes: number, ms: number): string => {
    const asked = gauge.sent(bytes);
    at += ms;
    gauge.heard('\x1b[0n');
    return asked;
  };
  send(10, 10);
  return {gauge, send};
}

it('counts a line as slow by the time of its answers, and none as dead', () => {
  const {gauge, send} = gaugeOf();
  expect(gauge.room()).toBe(Number.POSITIVE_INFINITY);
  send(2000, 260);
  expect(gauge.room()).toBe(800);
  send(400, 9000);
  send(400, 9000);
  send(400, 9000);
  gauge.sent(400);
  expect(gauge.waitMs()).toBeLessThanOrEqual(400);
});

it('does not take a program that was stopped, or a line that stood still, for a slow one', () => {
  const {gauge, send} = gaugeOf();
  send(2000, 600_000);
  expect([gauge.room(), gauge.waitMs(), gauge.owed()]).toEqual([Number.POSITIVE_INFINITY, 0, false]);
});

it('finds an answer that comes in two parts, among keys', () => {
  const {gauge} = gaugeOf();
  gauge.sent(2000);
  gauge.heard('jj\x1b[');
  expect(gauge.owed()).toBe(true);
  gauge.heard('0nk');
  expect(gauge.owed()).toBe(false);
});
