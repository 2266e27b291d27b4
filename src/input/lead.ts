import type {Lead, LeadPlace, Listed, PaneId, PaneUi} from '../model/ui-state.ts';
import type {UiInput} from '../store/ui.ts';
import {type KeyContext, note, open, type Response} from './handler.ts';
import {rejectNaming} from './rejects.ts';
import {placeOf} from './views.ts';

/** Goes on to what a row leads to: a row of another pane, or its rows that have the row's values. `Esc` comes back. */
export function leadOn(context: KeyContext, pane: PaneId, key: string | undefined): Response {
  const lead = key === undefined ? undefined : context.viewport.lead(pane, key);
  return lead === undefined ? note('this row leads nowhere: ⏎ shows its details', context.at) : goTo(context, lead);
}

/** Goes to where a lead leads. */
export function goTo(context: KeyContext, lead: Lead): Response {
  if (lead.list !== undefined) return openList(context, lead.list);
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

/** Opens a list over the panes; what it shows of the database is read now. */
function openList({state}: KeyContext, list: Listed): Response {
  if (list.kind === 'position') {
    return {...open({kind: 'position', scroll: 0}), effects: [{kind: 'position', of: list.of}]};
  }
  const of = list.id === undefined ? undefined : rejectNaming(state, list.id);
  return open({kind: 'rejects', selected: of?.number});
}

/** All rows with the one row selected, or those rows alone. */
const changeOf = ({key, where}: LeadPlace): Partial<PaneUi> => ({filter: '', where, selected: key, index: 0});

/** Says so where a message with the correlation id that is followed was rejected. */
function rejectedNote({state, at}: KeyContext, {id}: Lead): readonly UiInput[] {
  const found = id === undefined ? undefined : rejectNaming(state, id);
  return found === undefined
    ? []
    : [{kind: 'note', text: `a message of it was rejected: ${found.reject.detail}; x lists it`, at}];
}
