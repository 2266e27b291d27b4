import {describe, expect, it} from 'vitest';
import {PANES, paneOf} from '../../components/panes/index.ts';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import type {LeadPlace} from '../../src/model/ui-state.ts';
import {VIEWS} from '../../src/model/views.ts';
import {drawApp, drawPane} from '../helpers/state/draw.ts';
import {alert, BACKENDS, NOW, stateOf} from '../helpers/state/screen.ts';

/** The State after these keys. */
function keyed(start: State, ...keys: readonly string[]): State {
  let state = start;
  for (const key of keys) {
    const {ui = state.ui} = handleScreenKey(state, key, {at: NOW, columns: 120, rows: 40});
    state = {...state, ui};
  }
  return state;
}

const start = (ui: Parameters<typeof stateOf>[0] = {}) => stateOf({about: {views: VIEWS}, ...ui});
const place = ({ui}: State) => `${ui.view} ${ui.focus}`;

describe('a row that leads on', () => {
  it('leads from a position to its trades of the table, by → or by ⏎ ⏎, and on to those of the tape with their sums; Esc comes back', () => {
    const positions = keyed(start(), '2', 'down', 'down');
    const asked = keyed(positions, 'right');
    expect(asked.ui.overlay).toEqual({kind: 'position', scroll: 0});
    expect(keyed(positions, 'enter', 'enter').ui).toEqual(asked.ui);
    const pair = {account: sanitise('ACC-01'), symbol: sanitise('NVDA')};
    const read = {kind: 'position', of: pair};
    expect(handleScreenKey(positions, 'right', {at: NOW, columns: 120, rows: 40}).effects).toEqual([read]);
    const trades = keyed({...asked, position: {...pair, phase: 'reading'}}, 'enter');
    expect(place(trades)).toBe('Main trades');
    expect(drawPane('trades', trades, 80, 8, true)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ACC-01 NVDA ────────────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY ACCOUNT FROM  │
      │▸12:04:30.162 NVDA   buy       55    881.01  48,455.55 pairs    ACC-01  bus   │
      │ 12:04:24.972 NVDA   buy      305    881.01 268,708.05 momentum ACC-01  bus   │
      │ 12:04:19.782 NVDA   buy       55    881.01  48,455.55 pairs    ACC-01  bus   │
      │ 12:04:14.592 NVDA   buy      305    881.01 268,708.05 momentum ACC-01  bus   │
      │ NET OF 4                    +720           634,327.20                        │
      ╰─ ▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇▇▇▇▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 1m26s · seen 18,204 · missed 0 ─╯"
    `);
    const back = keyed(trades, 'down', 'escape');
    expect(place(back)).toBe('Main positions');
    expect(back.ui.panes.positions).toEqual(positions.ui.panes.positions);
    expect(back.ui.panes.trades).toMatchObject({filter: '', selected: undefined});
    expect(back.ui.panes.trades?.where).toBeUndefined();
  });

  it('leads through several panes, and Esc goes back step by step', () => {
    const session = keyed(start({ui: {view: 'Main', focus: 'slow_queries'}}), 'G', 'right');
    expect(place(session)).toBe('Database sessions');
    expect(place(keyed(session, 'escape'))).toBe('Main slow_queries');
    const blocked = keyed(start({ui: {view: 'Database', focus: 'sessions'}}), 'down', 'down');
    const [root, first, second] = BACKENDS.map(({key}) => key);
    const selected = (state: State) => state.ui.panes.sessions?.selected;
    expect(selected(blocked)).toBe(second);
    expect(selected(keyed(blocked, 'right'))).toBe(first);
    expect(selected(keyed(blocked, 'right', 'right'))).toBe(root);
    expect(selected(keyed(blocked, 'right', 'right', 'escape'))).toBe(first);
    expect(selected(keyed(blocked, 'right', 'right', 'escape', 'escape'))).toBe(second);
    expect(keyed(blocked, 'right', 'right', 'right').ui.note?.text).toBe('this row leads nowhere: ⏎ shows its details');
  });

  it('leads from a statement to the sessions that run it, and where there are none to those of its service', () => {
    const running = start({ui: {view: 'Main', focus: 'slow_queries'}});
    const {statements, backends} = running.samples;
    const [session, queryId] = [backends.rows.find(({pid}) => pid === 4140), sanitise('-7')];
    const of = {user: session?.user, database: session?.database};
    const samples = {
      ...running.samples,
      statements: {...statements, rows: statements.rows.map(row => ({...row, ...of, queryId}) as typeof row)},
      backends: {...backends, rows: backends.rows.map(row => (row === session ? {...row, queryId} : row))},
    };
    const followed = keyed({...running, samples}, 'g', 'down', 'right');
    const where = followed.ui.panes.sessions?.where;
    expect(where).toEqual({...of, query_id: queryId});
    expect(paneOf('sessions').keys(followed)).toEqual([session?.key]);
    const other = keyed({...running, samples: {...samples, backends}}, 'g', 'down', 'right');
    expect(other.ui.panes.sessions?.where).toEqual(of);
  });

  it('follows the correlation id of a log line to its lines, then to what the desk names by it', () => {
    const logs = start({ui: {view: 'Control', focus: 'logs'}});
    const lines = keyed(logs, 'right');
    expect(lines.ui.panes.logs?.where).toEqual({correlation_id: 'T-20261122-018204'});
    const followed = keyed(lines, 'right');
    expect(place(followed)).toBe('Main trades');
    expect(paneOf('trades').keys(followed)).toEqual(['T-20261122-018204']);
    expect(place(keyed(followed, 'escape', 'escape'))).toBe(place(logs));
    expect(keyed(followed, 'escape', 'escape').ui.panes.logs?.where).toBeUndefined();
    // What it is of is not among the rows that were read.
    const unknown = keyed(logs, 'G', 'right', 'right');
    expect(unknown.ui.note?.text).toBe('this row leads nowhere: ⏎ shows its details');
  });

  it('says where a message with the correlation id was rejected', () => {
    const {bus} = start();
    const noteOf = (id: string) => {
      const channel = sanitise('data_sync:trades');
      const [detail, message] = [
        sanitise('data.price: too large'),
        sanitise(`{"data": {}, "correlation_id": "${id}"}`),
      ];
      const reject = {reason: 'bad_data', channel, detail, text: message, bytes: 9, at: NOW} as const;
      const rejectList = [{number: 1, reject}];
      return keyed(start({bus: {...bus, rejectList}, ui: {view: 'Control', focus: 'logs'}}), 'right').ui.note?.text;
    };
    expect(noteOf('T-20261122-018204')).toBe('a message of it was rejected: data.price: too large; x lists it');
    expect(noteOf('T-20261122-0182041')).toBeUndefined();
  });

  it('shows the row whatever filter the pane had, and says where the row is gone', () => {
    const {ui} = start();
    const filtered = start({
      ui: {
        ...ui,
        view: 'Database',
        focus: 'sessions',
        panes: {sessions: {selected: undefined, filter: '4133', sort: undefined, reverse: false}},
      },
    });
    const blocker = keyed(filtered, 'right');
    expect(blocker.ui.panes.sessions).toMatchObject({filter: '', selected: BACKENDS[1]?.key});
    expect(keyed(blocker, 'escape').ui.panes.sessions).toMatchObject({filter: '4133'});
    const gone = keyed(
      start({samples: {backends: {...start().samples.backends, rows: []}}, ui: {focus: 'slow_queries'}}),
      'right',
    );
    expect(gone.ui.note?.text).toBe('its session: that row is gone, or not read yet');
  });

  it('is forgotten once a person goes elsewhere', () => {
    const trades = keyed(start({ui: {view: 'Control', focus: 'logs'}}), 'right', 'right');
    expect(place(keyed(trades, '3', 'escape'))).toBe('Main slow_queries');
    // What it narrowed down stays until Esc.
    expect(keyed(trades, '3', '1').ui.panes.trades?.where).toBeDefined();
    expect(keyed(trades, '3', '1', 'escape').ui.panes.trades?.where).toBeUndefined();
  });

  it('is named in its details', () => {
    expect(drawApp(keyed(start(), '2', 'enter'), 120, 40)).toContain('⏎ its trades · y copy · Esc back');
    expect(drawApp(keyed(start(), '1', 'enter'), 120, 40)).toContain('─ y copy · Esc back');
  });

  it('leads from an alert on rejected messages to their list, and from one on a strategy’s rejects to its rejected orders', () => {
    const lead = (id: string, row: LeadPlace) => {
      return keyed(
        start({alerts: [alert({id, row, text: 'it is so'})], ui: {view: 'Control', focus: 'alerts'}}),
        'right',
      );
    };
    expect(lead('bus_rejected', {list: {kind: 'rejects'}}).ui.overlay).toEqual({kind: 'rejects', selected: undefined});
    const where = {strategy: 'pairs', status: 'rejected'};
    const orders = lead('reject_rate:pairs', {pane: 'orders', where});
    expect([orders.ui.focus, orders.ui.panes.orders?.where]).toEqual(['orders', where]);
  });

  it('leads to panes and columns that there are', () => {
    const state = start();
    for (const pane of PANES) {
      for (const key of pane.keys(state)) {
        for (const lead of pane.leads(state, key)) {
          if (lead.list !== undefined) continue;
          const columns = paneOf(lead.pane).columnIds;
          expect(
            Object.keys(lead.where ?? {}).filter(id => !columns.includes(id)),
            `${pane.id} ${key}`,
          ).toEqual([]);
        }
      }
    }
  });
});
