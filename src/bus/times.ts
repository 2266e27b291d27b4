import {type Micros, microsOfFraction, parseMicros} from '../core/time.ts';
import type {TimeReader} from './field.ts';

const ZERO = 48;
const [SPACE, DOT, COLON, T, Z] = [32, 46, 58, 84, 90];

/**
 * `parseMicros` for many times within few days. It remembers two days, one for a trade's execution and one for its
 * event, and reads the clock part by arithmetic, ten times as fast (0.15 µs against 1.5 µs). It leaves every form but
 * `YYYY-MM-DDTHH:MM:SS[.fraction][Z|+00:00]` to `parseMicros`.
 */
export function createTimes(): TimeReader {
  let [day, dayStart] = ['', 0];
  let [other, otherStart] = ['', 0];
  return text => {
    let start = dayStart;
    if (day === '' || !text.startsWith(day)) {
      if (other === '' || !text.startsWith(other)) {
        const fresh = parseMicros(text.slice(0, 10));
        if (fresh === undefined || text.length < 19) return parseMicros(text);
        [other, otherStart] = [day, dayStart];
        // A copy: a slice would keep the whole message in memory.
        day = text.slice(0, 10).split('').join('');
        dayStart = start = fresh;
      } else start = otherStart;
    }
    const seconds = clockSeconds(text);
    if (seconds === undefined) return parseMicros(text);
    const micros = fractionMicros(text);
    return micros === undefined ? parseMicros(text) : start + seconds * 1_000_000 + micros;
  };
}

function clockSeconds(text: string): number | undefined {
  const between = text.charCodeAt(10);
  if (text.length < 19 || (between !== T && between !== SPACE)) return undefined;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined;
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  return hour < 24 && minute < 60 && second < 60 ? hour * 3600 + minute * 60 + second : undefined;
}

// NaN where either is no digit: then every comparison is false.
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function fractionMicros(text: string): Micros | undefined {
  let i = 19;
  let micros = 0;
  if (text.charCodeAt(19) === DOT) {
    let unit = 100_000;
    for (i = 20; i < text.length; i++) {
      const digit = text.charCodeAt(i) - ZERO;
      if (digit < 0 || digit > 9) break;
      if (unit >= 1) micros += digit * unit;
      unit /= 10;
    }
    if (i === 20 || i > 29) return undefined;
    if (i > 26) micros = microsOfFraction(text.slice(20, i));
  }
  const left = text.length - i;
  const utc = left === 0 || (left === 1 && text.charCodeAt(i) === Z) || (left === 6 && text.endsWith('+00:00'));
  return utc ? micros : undefined;
}
