import type {Lead, PaneId, PaneUi} from '../model/ui-state.ts';
import type {UiInput} from '../store/ui.ts';
import {type KeyContext, note, type Response} from './handler.ts';
import {placeOf} from './views.ts';

/** Goes on to what a row leads to: a row of another pane, or its rows that have the row's values. `Esc` comes back. */
export function leadOn(context: KeyContext, pane: PaneId, key: string | undefined): Response {
  const lead = key === undefined ? undefined : context.viewport.lead(pane, key);
  if (lead === undefined) return note('this row leads nowhere: ⏎ shows its details', context.at);
  const place = placeOf(context, lead.pane);
  if (place === undefined) return note(`no pane shows ${lead.what}`, context.at);
  const gone = lead.key !== undefined && !context.viewport.has(lead.pane, lead.key);
  return {
    inputs: [
      {kind: 'overlay', overlay: undefined},
      {kind: 'lead', ...place, change: changeOf(lead)},
      ...(gone ? [{kind: 'note', text: `${lead.what}: that row is no longer there`, at: context.at} as const] : []),
      ...rejectedNote(context, lead),
    ],
  };
}

/** All rows with the one row selected, or those rows alone. */
const changeOf = ({key, where}: Lead): Partial<PaneUi> => ({filter: '', where, selected: key, index: 0});

/** Says so where a message with the correlation id that is followed was rejected. */
function rejectedNote({state, at}: KeyContext, {id}: Lead): readonly UiInput[] {
  const found = id === undefined ? undefined : state.bus.rejectList.find(({reject}) => reject.text.includes(`"${id}"`));
  return found === undefined
    ? []
    : [{kind: 'note', text: `a message of it was rejected: ${found.reject.detail}; x lists it`, at}];
}
