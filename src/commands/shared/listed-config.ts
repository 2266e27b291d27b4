import {LIMITS_KEY} from '../../alerts/settings.ts';
import type {Config, ConfigFlags} from '../../config/config.ts';
import {type ListedSetting, listedSettings} from '../../config/listed-settings.ts';
import {SYSTEM_KEYS, type SystemKey} from '../../config/system-keys.ts';
import type {Raw} from '../../io/io.ts';

/**
 * Every setting that counts, with its `source`: the rows of shared.system_config, what tradetop would read there and nobody
 * has set, and the settings of this process. Undefined `rows`: the database was not read, its values are unknown. What
 * the config file has of a setting of the database comes before it.
 */
export function withSources(rows: readonly Raw[] | undefined, config: Config, flags: ConfigFlags): readonly Raw[] {
  const set = new Set(rows?.map(row => row.key));
  const missing = Object.entries(SYSTEM_KEYS).filter(([key]) => !set.has(key));
  const system = [...(rows ?? []).map(inDatabase), ...missing.map(([key, known]) => unset(key, known))];
  const inFile = fileGives(config);
  return [
    ...system
      .map(row => (rows === undefined ? {...row, value: null, source: 'database: unknown'} : row))
      .map(row => (inFile.has(String(row.key)) ? {...row, source: `config file, then ${row.source}`} : row)),
    ...listedSettings(flags).map(ofProcess),
  ];
}

/** The keys of the database's settings of which the config file has something. */
function fileGives({alerts, schedule: {jobs = {}, retention = {}, timezone}}: Config): ReadonlySet<string> {
  const hasSchedule = Object.keys(jobs).length + Object.keys(retention).length > 0 || timezone !== undefined;
  return new Set([
    ...(Object.keys(alerts).length > 0 ? [LIMITS_KEY] : []),
    ...(hasSchedule ? ['maintenance.schedule'] : []),
  ]);
}

const inDatabase = (row: Raw): Raw => ({
  ...row,
  source: 'database',
  description: row.description ?? SYSTEM_KEYS[String(row.key)]?.does ?? null,
});

const NEVER = {version: null, updated_by: null, updated_at: null};

const unset = (key: string, {does, default: value, otherwise}: SystemKey): Raw => ({
  key,
  value: value ?? null,
  source: otherwise === undefined ? 'default' : `default: ${otherwise}`,
  description: does,
  ...NEVER,
});

const ofProcess = ({key, value, source, does}: ListedSetting): Raw => ({
  key,
  value,
  source,
  description: does,
  ...NEVER,
});
