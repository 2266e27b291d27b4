import {sanitise} from '../core/sanitise.ts';
import type {AlertLimits, LimitField} from '../model/state.ts';
import type {AlertRule} from './rule.ts';

type Unit = NonNullable<AlertLimits['unit']>;

/** What can be set of a rule. */
export const LIMIT_FIELDS: readonly LimitField[] = ['warn', 'crit', 'clear', 'for', 'off'];

/**
 * A field of a rule's setting, in the rule's unit; a text says what is wrong and what is allowed: `.warn is "soon"; it must
 * be …`. Numbers are in the rule's unit; texts have their own: `90 %`, `2m`, `4 MB`.
 */
export function limitFieldOf(rule: AlertRule, field: LimitField, value: unknown): number | boolean | string {
  if (field === 'off') return typeof value === 'boolean' ? value : is(field, value, 'true or false');
  const unit = field === 'for' ? 'seconds' : rule.limits?.unit;
  if (unit === undefined) return ` has no ${field}: the rule judges no value`;
  const {allowed, most} = UNITS[unit];
  const number = typeof value === 'number' ? value : typeof value === 'string' ? numberOf(value, unit) : undefined;
  return number !== undefined && number >= 0 && number <= most ? number : is(field, value, allowed);
}

/** Why limits make no sense together; undefined: they do. */
export function contradiction({warn, crit, clear, worse = 'over'}: AlertLimits): string | undefined {
  const isBeyond = (a: number, b: number): boolean => (worse === 'over' ? a > b : a < b);
  const side = worse === 'over' ? ['below', 'above'] : ['above', 'below'];
  if (warn !== undefined && crit !== undefined && isBeyond(warn, crit)) return `crit must not be ${side[0]} warn`;
  if (warn !== undefined && clear !== undefined && isBeyond(clear, warn)) return `clear must not be ${side[1]} warn`;
  return undefined;
}

/** A value that somebody has written, short. */
export const shownValue = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return sanitise(JSON.stringify(value) ?? 'nothing', 60);
};

const is = (field: LimitField, value: unknown, allowed: string): string =>
  `.${field} is ${shownValue(value)}; it must be ${allowed}`;

/** What a value can be, by its unit, with the most that still makes sense. */
const UNITS: Readonly<Record<Unit, {readonly allowed: string; readonly most: number}>> = {
  seconds: {
    allowed: 'a number of seconds from 0 to 31536000, or a text such as "90s", "5m", "2h"',
    most: 31_536_000,
  },
  share: {allowed: 'a number from 0 to 1, or a text such as "90 %"', most: 1},
  count: {allowed: 'a number from 0 to 1000000000000', most: 1e12},
  times: {allowed: 'a number from 0 to 1000000, in multiples of what is usual', most: 1e6},
  bytes: {allowed: 'a number of bytes from 0 to 1000000000000000, or a text such as "4 MB"', most: 1e15},
};

const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  seconds: {s: 1, m: 60, h: 3600, d: 86_400},
  share: {'%': 0.01},
  bytes: {kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3},
};

function numberOf(text: string, unit: Unit): number | undefined {
  const [, digits, word = ''] = /^\s*(\d{1,15}(?:\.\d{1,15})?)\s*([a-z%]{0,2})\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const factor = word === '' ? 1 : FACTORS[unit]?.[word.toLowerCase()];
  return factor === undefined ? undefined : Number(digits) * factor;
}
