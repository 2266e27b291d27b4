import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {createDecoder, isReject} from '../../src/bus/decode.ts';
import type {Reject} from '../../src/bus/event.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {nowMicros} from '../../src/core/time.ts';
import {figuresOf} from '../../src/monitor/sync-figures.ts';
import {createSyncCounters} from '../../src/sync/counters.ts';

const QUEUE = {
  trades: 3,
  positions: 2,
  marks: 1,
  offered: 9,
  duplicates: 0,
  superseded: 0,
  supersededPositions: 0,
  overflowed: 4,
};
const decode = createDecoder();
const reject = (channel: string, message: string): Reject => {
  const outcome = decode(channel, message);
  if (!isReject(outcome)) throw new Error('it was accepted');
  return outcome;
};
const written = (counters: ReturnType<typeof createSyncCounters>): string => JSON.stringify(counters.stats(QUEUE));

describe('the figures of a worker', () => {
  it('are read as they were written', () => {
    const counters = createSyncCounters();
    counters.reject(reject('data_sync:trades', '{nope'));
    counters.reject(reject('data_sync:orders', '{}'));
    counters.failed('lock timeout');
    counters.stream({lag: 7, pending: 3, shards: 1, read: 1, length: 10});
    const read = figuresOf(written(counters));
    expect(read).toMatchObject({
      link: 'connecting',
      queue: 6,
      overflowed: 4,
      batches: 0,
      commitP50: undefined,
      failing: 'lock timeout',
      stream: {lag: 7, pending: 3, length: 10},
      rejected: [
        ['not_json', 1],
        ['unknown_channel', 1],
      ],
    });
    expect(read.rejects.map(r => [r.reason, r.channel, r.text, r.bytes])).toEqual([
      ['unknown_channel', 'data_sync:orders', '{}', 2],
      ['not_json', 'data_sync:trades', '{nope', 5],
    ]);
    expect(read.rejects[0]?.at).toBeLessThanOrEqual(nowMicros());
  });

  it('name every channel of the desk before a message arrived on it, trades first', () => {
    expect(figuresOf(written(createSyncCounters())).channels).toEqual(
      ['data_sync:trades', 'data_sync:positions', 'data_sync:market_data'].map(channel => ({
        channel,
        received: 0,
        perSecond: 0,
        lastAt: undefined,
      })),
    );
  });

  it('keep few rejected messages and little of each, in JSON that PostgreSQL accepts', () => {
    const message = fc.string({unit: 'binary', maxLength: 3000}).map(text => `\u0000${text}👩‍👩‍👧\ud83d`);
    fc.assert(
      fc.property(fc.array(message, {maxLength: 60}), messages => {
        const counters = createSyncCounters();
        for (const text of messages) counters.reject(reject('data_sync:trades', text));
        const {rejects, rejected} = counters.stats(QUEUE);
        expect(rejects).toHaveLength(Math.min(messages.length, 20));
        expect(Object.values(rejected).reduce((a, b) => a + b, 0)).toBe(messages.length);
        const json = JSON.stringify(rejects);
        expect(json.length).toBeLessThan(20 * 700);
        // jsonb refuses NUL and lone surrogates, and with them the whole heartbeat.
        expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(rejects.map(r => r.bytes)).toEqual(
          messages
            .toReversed()
            .slice(0, 20)
            .map(m => Buffer.byteLength(m)),
        );
      }),
      {numRuns: 30},
    );
  });

  it('are undefined where a part is missing or malformed, and reading them never fails', () => {
    const nothing = figuresOf('{}');
    expect(nothing).toMatchObject({link: undefined, queue: undefined, batches: undefined, channels: [], rejects: []});
    for (const text of [
      '',
      'nope',
      'null',
      '[]',
      '"x"',
      '{"queue":7,"channels":{},"rejects":[1,null,{}],"failing":true}',
    ]) {
      expect(figuresOf(text)).toEqual(nothing);
    }
    fc.assert(
      fc.property(
        fc.record(
          {
            link: fc.jsonValue(),
            channels: fc.jsonValue(),
            rejected: fc.jsonValue(),
            rejects: fc.array(fc.jsonValue()),
            queue: fc.jsonValue(),
            applied: fc.dictionary(fc.constantFrom('trades', 'adopted'), fc.jsonValue()),
            failing: fc.jsonValue(),
            stream: fc.jsonValue(),
          },
          {requiredKeys: []},
        ),
        value => {
          figuresOf(JSON.stringify(value));
        },
      ),
    );
  });

  it('are made safe to show', () => {
    const nasty = '\u001b[31mred\u0007';
    const read = figuresOf(
      JSON.stringify({
        link: {state: 'down', error: nasty},
        failing: {since: null, error: nasty},
        rejected: {[nasty]: 1},
      }),
    );
    expect([read.linkError, read.failing, read.rejected[0]?.[0]]).toEqual(Array(3).fill(sanitise(nasty)));
  });
});
