import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import type {AlertLimits, AlertSettings, LimitField, LimitsInForce} from '../model/state.ts';
import {type AlertLimitsRow, alertLimitsRow} from '../monitor/system-settings.ts';
import {ALERT_RULES} from './alerts.ts';
import {contradiction, LIMIT_FIELDS, limitFieldOf, shownValue} from './limit-fields.ts';
import type {AlertRule} from './rule.ts';

/** The key of shared.system_config that has thresholds for all hosts. */
export const LIMITS_KEY = 'alerts.limits';

const SEE = 'See: tradetop alerts limits';
const SHAPE = 'it must be an object such as {"blocked": {"warn": "10s"}}, or {} for none';

/** What sets a field of a rule, and its value in the rule's unit. */
type FieldSet = {readonly value: number | boolean; readonly from: 'config file' | 'database'};
type RuleSet = ReadonlyMap<LimitField, FieldSet>;

/**
 * The config file's thresholds, as they are. Throws a UserError that says what is wrong with them, and the rule that was
 * probably meant.
 */
export function checkedAlerts(settings: AlertSettings): AlertSettings {
  for (const [id, setting] of Object.entries(settings)) {
    const rule = ruleOf(id);
    if (rule === undefined)
      throw new UserError(`The config file's alerts name ${sanitise(id, 80)}, which is no rule.`, meant(id));
    const wrong: string[] = [];
    const fields = fieldsOf(rule, setting, 'config file', what => wrong.push(what));
    const problem = contradiction(merged(rule, fields));
    const first = wrong[0] ?? (problem === undefined ? undefined : `: ${problem}`);
    if (first !== undefined) throw new UserError(`The config file's alerts.${rule.id}${first}.`, SEE);
  }
  return settings;
}

/**
 * The thresholds that count, of each rule that the config file or the setting alerts.limits names: for each field the file's
 * value, else the database's, else the rule's own. What is wrong in the database is left out and told. `file` is checked;
 * `rows`: what the poller has of the setting.
 */
export function limitsInForce(file: AlertSettings, rows: readonly AlertLimitsRow[]): LimitsInForce {
  const wrong: string[] = [];
  const shared = databaseFields(rows, wrong);
  const byRule = new Map<string, AlertLimits>();
  const from = new Map<string, ReadonlyMap<LimitField, FieldSet['from']>>();
  for (const rule of ALERT_RULES) {
    const setting = Object.hasOwn(file, rule.id) ? file[rule.id] : undefined;
    const own =
      setting === undefined ? new Map<LimitField, FieldSet>() : fieldsOf(rule, setting, 'config file', () => {});
    let fields: RuleSet = new Map([...(shared.get(rule.id) ?? []), ...own]);
    const problem = contradiction(merged(rule, fields));
    if (problem !== undefined) {
      wrong.push(`${LIMITS_KEY}: ${rule.id}: ${problem}, as the rule's limits come together`);
      fields = own;
    }
    if (fields.size === 0) continue;
    byRule.set(rule.id, merged(rule, fields));
    from.set(rule.id, new Map([...fields].map(([field, set]) => [field, set.from])));
  }
  return {byRule, from, wrong};
}

/** What is wrong with a value, in JSON, that somebody would give a setting of the system; undefined: nothing that is known. */
export function wrongSystemSetting(key: string, json: string): string | undefined {
  if (key !== LIMITS_KEY) return undefined;
  try {
    return limitsInForce({}, [alertLimitsRow(json)]).wrong[0];
  } catch {
    // No JSON: the plan says so.
    return undefined;
  }
}

function databaseFields(rows: readonly AlertLimitsRow[], wrong: string[]): ReadonlyMap<string, RuleSet> {
  const sets = new Map<string, RuleSet>();
  const row = rows[0];
  if (row === undefined) return sets;
  if (!isObject(row.value)) {
    const is = row.value === undefined ? 'is too long to be read' : `is ${shownValue(row.value)}`;
    wrong.push(`${LIMITS_KEY} ${is}; ${SHAPE}`);
    return sets;
  }
  for (const [id, setting] of Object.entries(row.value)) {
    const rule = ruleOf(id);
    if (rule === undefined) wrong.push(`${LIMITS_KEY} names ${sanitise(id, 80)}, which is no rule. ${meant(id)}`);
    else if (!isObject(setting)) wrong.push(`${LIMITS_KEY}: ${id} is ${shownValue(setting)}; ${SHAPE}`);
    else
      sets.set(
        id,
        fieldsOf(rule, setting, 'database', what => wrong.push(`${LIMITS_KEY}: ${id}${what}`)),
      );
  }
  return sets;
}

const ruleOf = (id: string): AlertRule | undefined => ALERT_RULES.find(rule => rule.id === id);

const meant = (id: string): string =>
  didYouMean(
    id,
    ALERT_RULES.map(rule => rule.id),
    SEE,
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of a rule's setting that are right; `wrong` is told of the others. */
function fieldsOf(
  rule: AlertRule,
  setting: Readonly<Record<string, unknown>>,
  from: FieldSet['from'],
  wrong: (what: string) => void,
): RuleSet {
  const fields = new Map<LimitField, FieldSet>();
  for (const [name, value] of Object.entries(setting)) {
    const field = LIMIT_FIELDS.find(one => one === name);
    if (value === undefined) continue;
    if (field === undefined) {
      wrong(` has ${sanitise(name, 40)}; it can have ${LIMIT_FIELDS.join(', ')}`);
      continue;
    }
    const read = limitFieldOf(rule, field, value);
    if (typeof read === 'string') wrong(read);
    else fields.set(field, {value: read, from});
  }
  return fields;
}

/** A rule's limits with what is set of them. */
function merged(rule: AlertRule, fields: RuleSet): AlertLimits {
  const number = (field: LimitField): number | undefined => fields.get(field)?.value as number | undefined;
  const [warn, crit, clear, forSeconds] = [number('warn'), number('crit'), number('clear'), number('for')];
  const off = fields.get('off')?.value as boolean | undefined;
  // A rule's own step of hysteresis is for its own limits.
  const kept = warn === undefined ? rule.limits : {...rule.limits, clear: undefined};
  return {
    ...kept,
    ...(warn === undefined ? {} : {warn}),
    ...(crit === undefined ? {} : {crit}),
    ...(clear === undefined ? {} : {clear}),
    ...(forSeconds === undefined ? {} : {forSeconds}),
    ...(off === undefined ? {} : {off}),
  };
}
