import {setConfigAction} from '../actions/set-config.ts';
import type {State} from '../model/state.ts';
import type {Overlay, Scope} from '../model/ui-state.ts';
import {settingScopes} from '../store/setting-scopes.ts';
import {chosenIndex, type TargetItem, targetItems} from '../store/targets.ts';
import {actionOf} from './action-bindings.ts';
import {formOf} from './forms.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, moving, note, open, type Response} from './handler.ts';
import {selectedRow} from './row-places.ts';
import {openForm, planAction} from './start-action.ts';
import {EDITING, typeKey} from './text-line.ts';

type Chooser = Extract<Overlay, {kind: 'chooser'}>;

/** The tables and what holds them that the chooser lists: those of the kinds that its action takes. */
export const chooserItems = (state: State, {actionId, filter}: Chooser): readonly TargetItem[] =>
  targetItems(state, actionOf(actionId)?.targets ?? [], filter);

/** The scopes of a row that the chooser lists; undefined: it lists tables. */
export function chooserScopes(state: State, {actionId, scopes, filter}: Chooser): readonly Scope[] | undefined {
  const wanted = filter.trim().toLowerCase();
  const all = actionId === setConfigAction.id ? settingScopes(state) : scopes;
  return all?.filter(({text}) => text.toLowerCase().includes(wanted));
}

const entries = (state: State, overlay: Chooser): readonly (Pick<TargetItem, 'key' | 'target' | 'name'> | Scope)[] =>
  chooserScopes(state, overlay) ?? chooserItems(state, overlay);

/** The keys in the list of targets. */
export const CHOOSER_KEYS: ContextKeys<'chooser'> = {
  typed: typeKey,
  commands: {
    ...COMMON,
    ...EDITING,
    back: () => CLOSE,
    ...moving(move),
    apply,
  },
};

function move({state, overlay}: ContextOf<'chooser'>, by: number): Response {
  const items = entries(state, overlay);
  const wanted = chosenIndex(items, overlay.key, overlay.selected) + by;
  const selected = Math.max(0, Math.min(wanted, items.length - 1));
  const key = items[selected]?.key;
  return open({...overlay, selected, ...(key === undefined ? {} : {key})});
}

function apply(context: ContextOf<'chooser'>): Response {
  const {state, overlay, at} = context;
  const items = entries(state, overlay);
  const item = items[chosenIndex(items, overlay.key, overlay.selected)];
  const id = (item && 'actionId' in item ? item.actionId : undefined) ?? overlay.actionId;
  const action = actionOf(id);
  if (item === undefined || action === undefined) return note('there is nothing to choose', at);
  if (!formOf(id)) return planAction(action, item.target, item.name);
  return openForm(context, action, id === setConfigAction.id ? item.key : selectedRow(context));
}
