import type {Env} from '../core/env.ts';
import {type Config, type ConfigFlags, loadConfig} from './config.ts';
import {readService} from './pg-service.ts';
import {envOf, readSettings} from './settings.ts';
import {foundSetting, type SettingSources} from './sources.ts';
import {VARIABLES, type Variable, type VariableKey} from './variables.ts';

/** A setting as it counts here, and what has set it. */
export type ListedSetting = {
  readonly key: string;
  /** As text; secrets are `(set)`, addresses are without a password; null: nothing sets it. */
  readonly value: string | null;
  /** Where the value is from: `flag --port`, `environment POSTGRES_PORT`, `config file`, `default`, `not set`. */
  readonly source: string;
  readonly does: string;
};

/**
 * The settings of this process that have a flag, a variable or a place in the config file, each with its source. Throws a
 * UserError, as `loadConfig` does.
 */
export function listedSettings(flags: ConfigFlags, processEnv: Env = process.env): readonly ListedSetting[] {
  const env = envOf(flags, processEnv);
  const from: SettingSources = {flags, env, service: readService(env), file: readSettings(flags, env)};
  const config = loadConfig(flags, processEnv);
  return (Object.keys(VARIABLES) as VariableKey[]).map(key => {
    const found = foundSetting(from, key);
    const {does, otherwise = ''} = VARIABLES[key] as Variable;
    const value = found === undefined ? effective(config, key) : shown(key, String(found.value));
    return {
      key,
      value,
      source: found
        ? SOURCES[found.by](found.source)
        : value === null && otherwise === ''
          ? 'not set'
          : `default${otherwise && `: ${otherwise}`}`,
      does,
    };
  });
}

const SOURCES = {
  flag: source => `flag ${source}`,
  environment: source => `environment ${source}`,
  service: source => source,
  file: () => 'config file',
  default: () => 'default',
} as const satisfies Readonly<Record<string, (source: string) => string>>;

/** What a setting that nothing sets comes to, where that is not a plain default. */
const effective = (config: Config, key: VariableKey): string | null =>
  key === 'readOnly' || key === 'ascii' || key === 'bell' ? String(config[key]) : null;

const SECRET = /password$|^maskKey$/i;

/** Without anything secret: an address keeps its user, and loses what follows a colon there, and its parameters. */
const shown = (key: VariableKey, value: string): string =>
  SECRET.test(key)
    ? '(set)'
    : /url$/i.test(key)
      ? value.replace(/(\/\/[^/?#@]*?):.*@/, '$1@').replace(/\?.*$/s, '')
      : value;
