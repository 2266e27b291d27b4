import {describe, expect, it} from 'vitest';
import {createPgoutputDecoder, lsnText, parseLsn} from '../../src/io/pgoutput.ts';

const int16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);
const int32 = (n: number): Buffer => Buffer.concat([int16(n >>> 16), int16(n & 65_535)]);
const name = (text: string): Buffer => Buffer.from(`${text}\0`);
const column = (text: string): Buffer => Buffer.concat([Buffer.from([0]), name(text), int32(25), int32(0)]);
const value = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from('t'), int32(bytes.length), bytes]);
};
const message = (kind: string, ...parts: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from(kind), ...parts]);

const RELATION = message(
  'R',
  int32(7),
  name('execution'),
  name('trades'),
  Buffer.from('d'),
  int16(3),
  column('trade_id'),
  column('secret'),
  column('side'),
);
const row = (...values: readonly Buffer[]): Buffer => Buffer.concat([int16(values.length), ...values]);
const INSERT = message('I', int32(7), Buffer.from('N'), row(value('\u{feff}a'), value('x'), Buffer.from('n')));
const decoder = () => createPgoutputDecoder({'execution.trades': ['trade_id', 'side']});

describe('a decoder of pgoutput', () => {
  it('gives the wanted columns, to the last byte, and skips the others', () => {
    const decode = decoder();
    expect(decode(RELATION)).toEqual({what: 'other'});
    expect(decode(INSERT)).toEqual({
      what: 'insert',
      table: 'execution.trades',
      row: new Map([
        ['trade_id', '\u{feff}a'],
        ['side', null],
      ]),
      old: undefined,
    });
    const unchanged = row(Buffer.from('u'), Buffer.from('n'), value('buy'));
    const key = row(value('old'), Buffer.from('n'), Buffer.from('n'));
    expect(decode(message('U', int32(7), Buffer.from('K'), key, Buffer.from('N'), unchanged))).toMatchObject({
      what: 'update',
      row: new Map([['side', 'buy']]),
      old: new Map([
        ['trade_id', 'old'],
        ['side', null],
      ]),
    });
  });

  it('reads beyond no message’s end, wherever that is cut', () => {
    for (const whole of [RELATION, INSERT]) {
      for (let length = 1; length < whole.length; length++) {
        const decode = decoder();
        if (whole !== RELATION) decode(RELATION);
        // A change without any row is none that it could tell from a whole one.
        if (whole === INSERT && length === 5) continue;
        expect(() => decode(whole.subarray(0, length)), `${length} bytes`).toThrow();
      }
    }
  });

  it('refuses what it does not know', () => {
    expect(() => decoder()(INSERT)).toThrow('not described');
    expect(() => decoder()(message('?'))).toThrow('unknown kind');
  });
});

it('reads and writes positions as PostgreSQL does', () => {
  for (const text of ['0/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF', '1/A']) {
    expect(lsnText(parseLsn(text) as bigint)).toBe(text);
  }
  expect([parseLsn('0'), parseLsn(null), parseLsn('g/1'), parseLsn('1/123456789')]).toEqual(Array(4).fill(undefined));
});
