import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {dashed} from '../core/name-case.ts';
import {didYouMean} from '../core/nearest.ts';
import {type PgService, SERVICE_PARAMS} from './pg-service.ts';
import type {SystemSettings} from './settings.ts';
import {setVariable, VARIABLES, type Variable, type VariableKey} from './variables.ts';

type Value = string | number | boolean;

/** Where settings come from. */
export type SettingSources = {
  /** By meow's names. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Env;
  readonly service: PgService | undefined;
  readonly file: SystemSettings;
};

/** A setting, and what has set it, as a sentence names it: `--port`, `POSTGRES_PORT`, `port in the config file`. */
export type FoundSetting = {readonly value: Value; readonly source: string};

/** Kinds of sources, in the order in which they count. */
type SourceKind = 'flag' | 'environment' | 'service' | 'file' | 'default';

const isOurs = (name: string): boolean => !name.startsWith('PG');
const isLibpqs = (name: string): boolean => name.startsWith('PG');

/**
 * A setting of the first source that has it: a flag, our variable, the service that PGSERVICE names, libpq's variable, the
 * config file, the default. What is empty counts as unset.
 */
export function foundSetting(
  {flags, env, service, file}: SettingSources,
  key: VariableKey,
): (FoundSetting & {readonly by: SourceKind}) | undefined {
  const flag = flags[key] as Value | undefined;
  if (flag !== undefined && flag !== '') return {value: flag, source: `--${dashed(key)}`, by: 'flag'};
  const ours = setVariable(env, key, isOurs);
  if (ours) return {value: ours.value, source: ours.name, by: 'environment'};
  const ofService = service?.params[(SERVICE_PARAMS as Readonly<Record<string, string>>)[key] ?? ''];
  if (service && ofService) return {value: ofService, source: `the ${service.source}`, by: 'service'};
  const libpqs = setVariable(env, key, isLibpqs);
  if (libpqs) return {value: libpqs.value, source: libpqs.name, by: 'environment'};
  const ofFile = (file as Readonly<Record<string, unknown>>)[key] as Value | undefined;
  if (ofFile !== undefined && ofFile !== '') return {value: ofFile, source: `${key} in the config file`, by: 'file'};
  const standard = (VARIABLES[key] as Variable).default;
  return standard === undefined ? undefined : {value: standard, source: 'the default', by: 'default'};
}

/** The value alone. */
export const setting = (from: SettingSources, key: VariableKey): Value | undefined => foundSetting(from, key)?.value;

/** The value as text; undefined where nothing sets it and there is no default. */
export function textSetting(from: SettingSources, key: VariableKey): string | undefined {
  const value = setting(from, key);
  return value === undefined ? undefined : String(value);
}

/** A setting that is a whole number. Throws a UserError that names its source. */
export function whole(from: SettingSources, key: VariableKey, least: number, most: number): number {
  const one = foundSetting(from, key) as FoundSetting;
  const {value} = one;
  const n = typeof value === 'number' ? value : /^\d+$/.test(String(value).trim()) ? Number(value) : Number.NaN;
  if (Number.isInteger(n) && n >= least && n <= most) return n;
  throw wrong(one, `a whole number from ${least} to ${most}`);
}

/** A setting that is one of some words. Throws a UserError that names its source. */
export function oneOf<const T extends string>(from: SettingSources, key: VariableKey, allowed: readonly T[]): T {
  const one = foundSetting(from, key) as FoundSetting;
  return wordOf(one, allowed);
}

function wordOf<const T extends string>(one: FoundSetting, allowed: readonly T[], word = String(one.value)): T {
  const match = allowed.find(a => a === word);
  if (match === undefined) throw wrong(one, `one of ${allowed.join(', ')}`, didYouMean(word, allowed, ''));
  return match;
}

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['0', 'false', 'no', 'off'];

/** A setting that is yes or no; undefined where nothing sets it. Throws a UserError that names its source. */
export function flag(from: SettingSources, key: VariableKey): boolean | undefined {
  const one = foundSetting(from, key);
  if (one === undefined || typeof one.value === 'boolean') return one?.value as boolean | undefined;
  return YES.includes(wordOf(one, [...YES, ...NO], String(one.value).toLowerCase()));
}

/** The refusal of a setting's value: what it must be, and what sets it. */
export const wrong = ({value, source}: FoundSetting, what: string, next = ''): UserError =>
  new UserError(`${source} is ${JSON.stringify(value)}; it must be ${what}.`, next || `Correct ${source}.`);
