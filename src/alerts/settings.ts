import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import type {AlertLimits} from '../model/state.ts';
import {ALERT_RULES} from './alerts.ts';
import type {AlertRule} from './rule.ts';

/** A rule's part of the config file. Numbers are in the rule's unit; texts have their own: `90 %`, `2m`, `4 MB`. */
type AlertSetting = {
  readonly warn?: number | string | undefined;
  readonly crit?: number | string | undefined;
  readonly clear?: number | string | undefined;
  readonly for?: number | string | undefined;
  readonly off?: boolean | undefined;
};

/**
 * The limits of the rules that the config file names, by their ids. Throws a UserError that says what is wrong, and the
 * rule that was probably meant.
 */
export function configuredLimits(settings: Readonly<Record<string, AlertSetting>>): ReadonlyMap<string, AlertLimits> {
  const ids = ALERT_RULES.map(rule => rule.id);
  return new Map(
    Object.entries(settings).map(([id, setting]) => {
      const rule = ALERT_RULES.find(one => one.id === id);
      if (rule !== undefined) return [id, limitsOf(rule, setting)];
      throw new UserError(
        `The config file's alerts name ${sanitise(id, 80)}, which is no rule.`,
        didYouMean(id, ids, 'See: tradetop alerts limits'),
      );
    }),
  );
}

function limitsOf(rule: AlertRule, setting: AlertSetting): AlertLimits {
  const {unit} = rule.limits ?? {};
  const wrong = (what: string): UserError =>
    new UserError(`The config file's alerts.${rule.id}${what}.`, 'See: tradetop alerts limits');
  const read = (name: 'warn' | 'crit' | 'clear' | 'for'): number | undefined => {
    const value = setting[name];
    if (value === undefined) return undefined;
    if (name !== 'for' && unit === undefined) throw wrong(` has no ${name}: the rule judges no value`);
    const number = typeof value === 'number' ? value : numberOf(value, name === 'for' ? 'seconds' : unit);
    if (number !== undefined && Number.isFinite(number) && number >= 0) return number;
    throw wrong(
      `.${name} is ${JSON.stringify(value)}; it must be a number${EXAMPLES[name === 'for' ? 'seconds' : (unit ?? 'count')]}`,
    );
  };
  const forSeconds = read('for');
  const [warn, crit, clear] = [read('warn'), read('crit'), read('clear')];
  // A rule's own step of hysteresis is for its own limits.
  const kept = warn === undefined ? rule.limits : {...rule.limits, clear: undefined};
  const limits: AlertLimits = {
    ...kept,
    ...(warn === undefined ? {} : {warn}),
    ...(crit === undefined ? {} : {crit}),
    ...(clear === undefined ? {} : {clear}),
    ...(forSeconds === undefined ? {} : {forSeconds}),
    ...(setting.off === undefined ? {} : {off: setting.off}),
  };
  const problem = contradiction(limits);
  if (problem !== undefined) throw wrong(`: ${problem}`);
  return limits;
}

/** Why limits make no sense together; undefined: they do. */
function contradiction({warn, crit, clear, worse = 'over'}: AlertLimits): string | undefined {
  const isBeyond = (a: number, b: number): boolean => (worse === 'over' ? a > b : a < b);
  const side = worse === 'over' ? ['below', 'above'] : ['above', 'below'];
  if (warn !== undefined && crit !== undefined && isBeyond(warn, crit)) return `crit must not be ${side[0]} warn`;
  if (warn !== undefined && clear !== undefined && isBeyond(clear, warn)) return `clear must not be ${side[1]} warn`;
  return undefined;
}

const EXAMPLES: Readonly<Record<NonNullable<AlertLimits['unit']>, string>> = {
  seconds: ' of seconds, or a text such as "90s", "5m", "2h"',
  share: ' from 0 to 1, or a text such as "90 %"',
  count: '',
  times: ', in multiples of what is usual',
  bytes: ' of bytes, or a text such as "4 MB"',
};

const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  seconds: {s: 1, m: 60, h: 3600, d: 86_400},
  share: {'%': 0.01},
  bytes: {kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3},
};

function numberOf(text: string, unit: AlertLimits['unit']): number | undefined {
  const [, digits, word = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z%]*)\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const factor = word === '' ? 1 : FACTORS[unit ?? '']?.[word.toLowerCase()];
  return factor === undefined ? undefined : Number(digits) * factor;
}
