import {readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {z} from 'zod';
import {viewsOf} from '../../components/views.ts';
import type {Env} from '../core/env.ts';
import {sanitise} from '../core/sanitise.ts';
import {makePrivateDir} from '../io/private-dir.ts';
import {replaceFile} from '../io/replace-file.ts';
import {stateDir} from '../io/state-dir.ts';
import type {About} from '../model/state.ts';
import type {PaneUi, UiState} from '../model/ui-state.ts';

const pane = z.object({
  filter: z.string().max(200).catch(''),
  sort: z.string().optional().catch(undefined),
  reverse: z.boolean().catch(false),
  wide: z.boolean().optional().catch(undefined),
  mode: z.string().max(20).optional().catch(undefined),
});
const screen = z.object({
  view: z.string(),
  focus: z.string(),
  panes: z.record(z.string(), pane).catch({}),
});
const keptFile = z.object({profiles: z.record(z.string(), screen.or(z.unknown().transform(() => undefined)))});

/** What of the screen outlasts the console: view, focus, and each pane's order, filter and columns. */
export type KeptUi = Pick<UiState, 'view' | 'focus' | 'panes'>;

// Larger files are not ours.
const MOST_BYTES = 1_000_000;

/** The file that keeps the screens of the profiles, in XDG's state directory. */
export const keptUiFile = (env: Env = process.env): string => join(stateDir(env), 'screen.json');

/**
 * The screen of a profile as its last console left it; undefined where none is known. A damaged file is as good as none.
 * Views and panes that are no longer there are left out.
 */
export function readKeptUi(path: string, profile: string, about: Pick<About, 'views'>): KeptUi | undefined {
  const kept = readAll(path)[profile];
  const view = viewsOf(about).find(({name}) => name === kept?.view);
  if (kept === undefined || view === undefined) return undefined;
  const focus = view.panes.find(id => id === kept.focus) ?? view.panes[0] ?? '';
  const panes = Object.entries(kept.panes).map(([id, {filter, sort, reverse, wide, mode}]) => {
    const text = filter === '' ? '' : sanitise(filter, 200);
    return [
      id,
      {
        selected: undefined,
        filter: text,
        sort,
        reverse,
        ...(wide === undefined ? {} : {wide}),
        ...(mode === undefined ? {} : {mode}),
      },
    ];
  });
  return {view: view.name, focus, panes: Object.fromEntries(panes)};
}

/**
 * Keeps the screen of a profile; those of the others stay. The file is replaced as a whole, so that another console reads
 * the old one or the new one. Where it cannot be written nothing is kept.
 */
export function keepUi(path: string, profile: string, {view, focus, panes}: KeptUi): void {
  const changed = Object.entries(panes).filter(([, ui]) => isChanged(ui));
  const kept = changed.map(([id, {filter, sort, reverse, wide, mode}]) => [id, {filter, sort, reverse, wide, mode}]);
  const profiles = {...readAll(path), [profile]: {view, focus, panes: Object.fromEntries(kept)}};
  try {
    makePrivateDir(dirname(path));
    replaceFile(path, `${JSON.stringify({profiles}, null, 2)}\n`);
  } catch {
    // Nothing is kept.
  }
}

const isChanged = ({filter, sort, reverse, wide, mode}: PaneUi): boolean =>
  filter !== '' || sort !== undefined || reverse || wide === true || mode !== undefined;

function readAll(path: string): Readonly<Record<string, z.infer<typeof screen> | undefined>> {
  try {
    if (statSync(path).size > MOST_BYTES) return {};
    return keptFile.parse(JSON.parse(readFileSync(path, 'utf8'))).profiles;
  } catch {
    return {};
  }
}
