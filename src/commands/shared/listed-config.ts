import type {ConfigFlags} from '../../config/config.ts';
import {type ListedSetting, listedSettings} from '../../config/listed-settings.ts';
import type {ScheduleSettings} from '../../config/settings.ts';
import {SYSTEM_KEYS, type SystemKey} from '../../config/system-keys.ts';
import type {Raw} from '../../io/io.ts';

/**
 * Every setting that counts, with its `source`: the rows of shared.system_config, what tradetop would read there and nobody
 * has set, and the settings of this process. `schedule`: the config file's, which comes before the database's.
 */
export function withSources(rows: readonly Raw[], schedule: ScheduleSettings, flags: ConfigFlags): readonly Raw[] {
  const set = new Set(rows.map(row => row.key));
  const missing = Object.entries(SYSTEM_KEYS).filter(([key]) => !set.has(key));
  const ofFile = Object.keys(schedule.jobs ?? {}).length + Object.keys(schedule.retention ?? {}).length > 0;
  const isGiven = ofFile || schedule.timezone !== undefined;
  return [
    ...[...rows.map(inDatabase), ...missing.map(([key, known]) => unset(key, known))].map(row =>
      isGiven && row.key === 'maintenance.schedule' ? {...row, source: `config file, then ${row.source}`} : row,
    ),
    ...listedSettings(flags).map(ofProcess),
  ];
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
