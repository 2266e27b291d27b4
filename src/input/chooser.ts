import type {State} from '../model/state.ts';
import type {Overlay} from '../model/ui-state.ts';
import {chosenIndex, type TargetItem, targetItems} from '../store/targets.ts';
import {actionOf} from './action-bindings.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, moving, note, open, type Response} from './handler.ts';
import {planAction} from './start-action.ts';
import {EDITING, typeKey} from './text-line.ts';

type Chooser = Extract<Overlay, {kind: 'chooser'}>;

/** The targets that the chooser lists: those of the kinds that its action takes. */
export const chooserItems = (state: State, {actionId, filter}: Chooser): readonly TargetItem[] =>
  targetItems(state, actionOf(actionId)?.targets ?? [], filter);

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
  const items = chooserItems(state, overlay);
  const wanted = chosenIndex(items, overlay.key, overlay.selected) + by;
  const selected = Math.max(0, Math.min(wanted, items.length - 1));
  const key = items[selected]?.key;
  return open({...overlay, selected, ...(key === undefined ? {} : {key})});
}

function apply({state, overlay, at}: ContextOf<'chooser'>): Response {
  const items = chooserItems(state, overlay);
  const item = items[chosenIndex(items, overlay.key, overlay.selected)];
  const action = actionOf(overlay.actionId);
  return item && action ? planAction(action, item.target, item.name) : note('there is nothing to choose', at);
}
