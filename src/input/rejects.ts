import type {Reject} from '../bus/event.ts';
import type {NumberedReject} from '../model/bus-state.ts';
import type {State} from '../model/state.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, copied, moving, note, open, type Response} from './handler.ts';

/** The rejected message with this number; undefined: more than the list keeps have come since. */
export const rejectOf = ({bus}: State, number: number): Reject | undefined =>
  bus.rejectList.find(each => each.number === number)?.reject;

/** The newest rejected message that names a correlation id; undefined: none of those that are kept does. */
export const rejectNaming = ({bus}: Pick<State, 'bus'>, id: string): NumberedReject | undefined =>
  bus.rejectList.find(({reject}) => reject.text.includes(`"${id}"`));

/** The index of the chosen message in the list: the newest where none is chosen, the oldest where it is no longer kept. */
export function rejectIndex(list: readonly NumberedReject[], selected: number | undefined): number {
  if (selected === undefined) return 0;
  const found = list.findIndex(each => each.number <= selected);
  return found >= 0 ? found : Math.max(0, list.length - 1);
}

/** The keys in the list of rejected messages. */
export const REJECTS_KEYS: ContextKeys<'rejects'> = {
  commands: {
    ...COMMON,
    ...moving(move),
    first: () => open({kind: 'rejects', selected: undefined}),
    last: ({state}) => open({kind: 'rejects', selected: state.bus.rejectList.at(-1)?.number}),
    details: context => {
      const chosen = chosenReject(context);
      return chosen
        ? open({kind: 'reject', number: chosen.number, scroll: 0})
        : note('there is no message', context.at);
    },
    copy: context => {
      const chosen = chosenReject(context);
      return chosen ? copied(chosen.reject.text, context.at) : note('nothing to copy', context.at);
    },
    back: () => CLOSE,
  },
};

const chosenReject = ({state: {bus}, overlay}: ContextOf<'rejects'>): NumberedReject | undefined =>
  bus.rejectList[rejectIndex(bus.rejectList, overlay.selected)];

function move({state, overlay}: ContextOf<'rejects'>, by: number): Response {
  const list = state.bus.rejectList;
  const index = rejectIndex(list, overlay.selected) + by;
  return open({kind: 'rejects', selected: list[Math.max(0, Math.min(index, list.length - 1))]?.number});
}
