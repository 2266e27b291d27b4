import {z} from 'zod';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {decode, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

const SQL = 'monitor/settings_now';

/** The most changes that are kept. */
const MOST = 50;

const row = rowSchema({
  name: text,
  value: text,
  /** Changed in the file, and takes effect at the next restart. */
  pending_restart: z.boolean(),
});

type Setting = z.output<typeof row>;

/** A setting of the server that changed while we looked, or that waits for a restart. */
export type SettingsChangedRow = {
  readonly name: SafeText;
  readonly before: SafeText | undefined;
  readonly value: SafeText;
  readonly pendingRestart: boolean;
  /** When we saw it. */
  readonly at: Micros;
};

/** The changes since the first reading, the newest first. @internal */
export function foldSettings(
  before: ReadonlyMap<string, Setting> | undefined,
  changes: readonly SettingsChangedRow[],
  raws: readonly Raw[],
  at: Micros,
) {
  const settings = new Map(decode(row, raws, SQL).map(setting => [setting.name as string, setting]));
  const changed = [...settings.values()].flatMap(({name, value, pendingRestart}): readonly SettingsChangedRow[] => {
    const old = before?.get(name);
    const same = before === undefined || (old?.value === value && old.pendingRestart === pendingRestart);
    return same && !(before === undefined && pendingRestart)
      ? []
      : [{name, before: old?.value, value, pendingRestart, at}];
  });
  const names = new Set(changed.map(({name}) => name));
  return {settings, changes: [...changed, ...changes.filter(({name}) => !names.has(name))].slice(0, MOST)};
}

/** The settings of the server that have changed since the console looks. */
export const settingsChangedPoller: Poller<{settings_changed: SettingsChangedRow}> = {
  ids: ['settings_changed'],
  everyMs: 20_000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader: () => {
    let [settings, changes]: [ReadonlyMap<string, Setting> | undefined, readonly SettingsChangedRow[]] = [
      undefined,
      [],
    ];
    return async ({trading}, _, clock) => {
      ({settings, changes} = foldSettings(settings, changes, await trading.query(SQL), clock.now()));
      return {settings_changed: changes};
    };
  },
};
