import {parseFilter} from '../core/filter.ts';
import {dropLast} from '../core/width.ts';
import type {Overlay} from '../model/ui-state.ts';
import {chosenIndex, targetItems} from '../store/targets.ts';
import type {Binding} from './bindings.ts';
import {type KeyContext, note, type Response} from './effect.ts';
import type {Key} from './keys.ts';

type Filter = Extract<Overlay, {kind: 'filter'}>;
type Chooser = Extract<Overlay, {kind: 'chooser'}>;

const LONGEST = 200;

/** What the chooser's actions are called until their plan says it. */
export const ACTION_TITLES: Readonly<Record<string, string>> = {'vacuum-analyze': 'VACUUM ANALYZE'};

/** A key in the filter's line or in the chooser: characters are typed, the rest commands. */
export function handleTypingKey(moment: KeyContext, key: Key, binding: Binding | undefined): Response {
  const {overlay} = moment.state.ui;
  if (overlay?.kind === 'filter') return edit(overlay, overlay.text, key, binding) ?? filter(overlay, moment, binding);
  if (overlay?.kind !== 'chooser') return {};
  return edit(overlay, overlay.filter, key, binding) ?? chooser(overlay, moment, binding);
}

/** The overlay with another text in its line. The chooser goes back to its first entry. */
export function typed(overlay: Filter | Chooser, text: string): Response {
  const next: Overlay =
    overlay.kind === 'filter'
      ? {...overlay, text: text.slice(0, LONGEST)}
      : {kind: 'chooser', actionId: overlay.actionId, selected: 0, filter: text.slice(0, LONGEST)};
  return {inputs: [{kind: 'overlay', overlay: next}]};
}

function edit(overlay: Filter | Chooser, text: string, key: Key, binding: Binding | undefined): Response | undefined {
  if (binding === undefined) return typed(overlay, text + key);
  if (binding.id === 'erase') return typed(overlay, dropLast(text));
  return binding.id === 'clear' ? typed(overlay, '') : undefined;
}

const close: Response = {inputs: [{kind: 'overlay', overlay: undefined}]};

function filter(overlay: Filter, {at}: KeyContext, binding: Binding | undefined): Response {
  if (binding?.id === 'back') return close;
  if (binding?.id !== 'apply') return {};
  const parsed = parseFilter(overlay.text);
  if (!parsed.ok) return note(parsed.error, at);
  return {
    inputs: [
      {kind: 'pane', pane: overlay.pane, change: {filter: overlay.text.trim(), selected: undefined}},
      {kind: 'overlay', overlay: undefined},
    ],
  };
}

function chooser(overlay: Chooser, {state, at, viewport}: KeyContext, binding: Binding | undefined): Response {
  const items = targetItems(state, overlay.filter);
  const now = chosenIndex(items, overlay.key, overlay.selected);
  const to = (place: number): Response => {
    const selected = Math.max(0, Math.min(place, items.length - 1));
    const key = items[selected]?.key;
    return {inputs: [{kind: 'overlay', overlay: {...overlay, selected, ...(key === undefined ? {} : {key})}}]};
  };
  switch (binding?.id) {
    case 'back':
      return close;
    case 'up':
      return to(now - 1);
    case 'down':
      return to(now + 1);
    case 'page_up':
      return to(now - viewport.page);
    case 'page_down':
      return to(now + viewport.page);
    case 'apply': {
      const item = items[now];
      if (item === undefined) return note('there is nothing to choose', at);
      return {
        inputs: [{kind: 'overlay', overlay: {kind: 'act', focus: 'cancel', typed: ''}}],
        effects: [
          {
            kind: 'plan',
            actionId: overlay.actionId,
            title: ACTION_TITLES[overlay.actionId] ?? overlay.actionId,
            target: item.target,
            name: item.name,
          },
        ],
      };
    }
    default:
      return {};
  }
}
