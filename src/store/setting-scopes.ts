import {configEdit} from '../actions/set-config.ts';
import {wrongSystemSetting} from '../alerts/settings.ts';
import {SYSTEM_KEYS} from '../config/system-keys.ts';
import {ageAt} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {pad} from '../core/width.ts';
import type {State} from '../model/state.ts';
import type {Scope} from '../model/ui-state.ts';

/** The key of the entry that makes a setting which tradetop does not know; no setting has it. */
const NEW_SETTING = '';

/** A setting as it can be chosen. */
type Setting = {
  readonly key: string;
  /** JSON; undefined: nobody has set it, or that is not known. */
  readonly value: string | undefined;
  /** What holds, in a few words: its value, its default, or why neither is known. */
  readonly holds: string;
  readonly does: string;
  /** Who set it, and how long ago; empty: nobody has. */
  readonly setBy: string;
};

/** The settings that are set, and those that tradetop reads and nobody has set, by key. */
function settingsOf({at: now, samples: {system_config: config}}: State): readonly Setting[] {
  const isRead = config.state === 'ok' || config.state === 'empty' || config.state === 'stale';
  const set = config.rows.map(({key, value, description, updatedBy: by, updatedAt: at}) => ({
    key,
    value,
    holds: value,
    does: description ?? SYSTEM_KEYS[key]?.does ?? '',
    setBy: `set ${by === undefined ? '' : `by ${by} `}${ageAt(at, now)} ago`,
  }));
  const others = Object.entries(SYSTEM_KEYS)
    .filter(([key]) => !set.some(setting => setting.key === key))
    .map(([key, known]) => {
      const without = known.default ?? known.otherwise ?? '';
      return {key, value: undefined, holds: isRead ? `default: ${without}` : 'n/a', does: known.does, setBy: ''};
    });
  return [...set, ...others].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const WIDEST_KEY = 24;
const WIDEST_VALUE = 26;

/** The settings to choose from, and last what makes a new one. */
export function settingScopes(state: State): readonly Scope[] {
  const settings = settingsOf(state);
  const width = Math.min(WIDEST_KEY, Math.max(...settings.map(({key}) => key.length)));
  const scope = (key: string, text: string, about: string): Scope => ({
    key,
    target: {kind: 'rows', schema: configEdit.schema, name: configEdit.name, keys: [key]},
    name: sanitise(key, 160),
    text: sanitise(text, 300),
    about: sanitise(about, 400),
  });
  return [
    ...settings.map(({key, holds, does, setBy}) =>
      scope(
        key,
        `${pad(sanitise(key), width)}  ${pad(sanitise(holds), WIDEST_VALUE)}  ${does}`,
        [does, setBy, defaultWords(key)].filter(Boolean).join('; '),
      ),
    ),
    scope(NEW_SETTING, 'another setting, which a service of yours reads …', 'makes a setting by its key'),
  ];
}

function defaultWords(key: string): string {
  const known = SYSTEM_KEYS[key];
  return known === undefined ? '' : `without it: ${known.default ?? known.otherwise ?? 'nothing'}`;
}

/** What the form of a chosen setting holds at first; of a new one its key, too. */
export function settingValues(state: State, key: string): Readonly<Record<string, string>> {
  if (key === NEW_SETTING) return {key, value: '', description: ''};
  const {rows} = state.samples.system_config;
  return {value: rows.find(row => row.key === key)?.value ?? SYSTEM_KEYS[key]?.default ?? '', description: ''};
}

/** Why a setting that tradetop itself reads cannot have a value, a JSON text; undefined: it can. */
export const wrongSetting = (key: string, value: string): string | undefined => wrongSystemSetting(key, value);
