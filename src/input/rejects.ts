import type {Reject} from '../bus/event.ts';
import type {NumberedReject} from '../model/bus-state.ts';
import type {State} from '../model/state.ts';
import type {Binding} from './bindings.ts';
import {copied, type KeyContext, note, type Response} from './effect.ts';

/** The message that was not taken as the `number`th; undefined: so many have come since that it was forgotten. */
export const rejectOf = ({bus}: State, number: number): Reject | undefined =>
  bus.rejectList.find(each => each.number === number)?.reject;

/** The place of the chosen message in the list: the newest where none is chosen, the oldest where it was forgotten. */
export function rejectIndex(list: readonly NumberedReject[], selected: number | undefined): number {
  if (selected === undefined) return 0;
  const found = list.findIndex(each => each.number <= selected);
  return found >= 0 ? found : Math.max(0, list.length - 1);
}

/** A key in the list of messages that were not taken. */
export function handleRejectsKey({state, at, viewport}: KeyContext, {id}: Binding): Response {
  const {overlay} = state.ui;
  if (overlay?.kind !== 'rejects') return {};
  const list = state.bus.rejectList;
  const place = rejectIndex(list, overlay.selected);
  const to = (next: number): Response => {
    const selected = list[Math.max(0, Math.min(next, list.length - 1))]?.number;
    return {inputs: [{kind: 'overlay', overlay: {kind: 'rejects', selected}}]};
  };
  const chosen = list[place];
  switch (id) {
    case 'up':
      return to(place - 1);
    case 'down':
      return to(place + 1);
    case 'page_up':
      return to(place - viewport.page);
    case 'page_down':
      return to(place + viewport.page);
    case 'first':
      return {inputs: [{kind: 'overlay', overlay: {kind: 'rejects', selected: undefined}}]};
    case 'last':
      return to(list.length - 1);
    case 'back':
      return {inputs: [{kind: 'overlay', overlay: undefined}]};
    case 'details':
      return chosen === undefined
        ? {}
        : {inputs: [{kind: 'overlay', overlay: {kind: 'reject', number: chosen.number, scroll: 0}}]};
    case 'copy':
      return chosen === undefined ? note('nothing to copy', at) : copied(chosen.reject.text, at);
    default:
      return {};
  }
}
