import {controlKind} from '../bus/control.ts';
import {eventMessage} from '../bus/publish.ts';
import {plural} from '../core/format.ts';
import {isSafe, sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Action, ActionContext} from './action.ts';
import {defineEdit, type RowEdit} from './edit-rows.ts';
import {fact} from './facts.ts';
import {reasonOf} from './reason.ts';
import {type Telling, tellServices} from './tell-services.ts';
import {ago} from './words.ts';

type StatusSpec = Pick<Action, 'id' | 'title' | 'help' | 'key'> & {readonly status: 'active' | 'stopped'};

/**
 * Makes an action that gives a strategy this status: its row first, by its version, then, after the commit, an event on
 * `data_sync:control`. A strategy that has the status already is written all the same, so that services can be told again.
 */
export const defineStatus = ({status, ...named}: StatusSpec): Action =>
  defineEdit({
    ...named,
    targets: ['strategy'],
    readTarget: name => ({kind: 'strategy', name}),
    schema: 'strategy_engine',
    name: 'strategies',
    idColumn: 'name',
    read: 'actions/strategies',
    right: 'strategies',
    label: key => `strategy ${sanitise(key, 100)}`,
    edit: (key, row): RowEdit | string => (row ? {set: {status}} : `There is no strategy ${sanitise(key, 100)}.`),
    state: row => sanitise(String(row.status)),
    facts: (key, row) => [
      fact('strategy', `${key}${row?.description ? `: ${row.description}` : ''}`),
      fact(
        'status',
        row?.status === status ? `${status} already: services are told again` : `${row?.status} → ${status}`,
      ),
      fact(
        'open orders',
        plural(Number(row?.open_orders ?? 0), 'order'),
        status === 'stopped' && row?.open_orders !== 0,
      ),
      fact('last change', `${ago(row ? String(row.updated_at) : null)}, version ${row?.version ?? 'n/a'}`),
      fact('afterwards', AFTERWARDS[status]),
    ],
    committed: tell,
  });

const AFTERWARDS = {
  stopped: 'services are told on data_sync:control: it trades nothing, and its service cancels its open orders',
  active: 'services are told on data_sync:control: it may trade again',
} as const;

async function tell({redis, operator, options}: ActionContext, key: string, row: Raw): Promise<Telling> {
  if (!isSafe(key)) return {ok: false, words: 'services not told: its name has characters that the bus refuses'};
  const reason = reasonOf(options.edit);
  const event = {
    strategy: key,
    status: String(row.status) as 'active' | 'stopped',
    version: String(row.version),
    changedBy: sanitise(`${operator.osUser} from ${operator.client}`, 200),
    reason: reason === undefined ? undefined : sanitise(reason, 500),
  };
  const told = await tellServices(redis, eventMessage(controlKind, event, nowMicros()));
  return told.ok ? told : {...told, words: `${told.words}; run it again to tell them`};
}
