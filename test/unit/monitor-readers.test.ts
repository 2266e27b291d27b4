import {describe, expect, it} from 'vitest';
import {PANES} from '../../components/panes/index.ts';
import {watchAlerts} from '../../src/alerts/alerts.ts';
import {healthRows} from '../../src/alerts/health.ts';
import {jsonOf} from '../../src/app/snapshot-forms.ts';
import {keyText, sanitise} from '../../src/core/sanitise.ts';
import type {Samples, State} from '../../src/model/state.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import type {Held} from '../../src/monitor/sample.ts';
import {createBusCounters} from '../../src/store/bus-counters.ts';
import {waitingSamples} from '../../src/store/samples.ts';
import {settingScopes} from '../../src/store/setting-scopes.ts';
import {createStore} from '../../src/store/store.ts';
import {targetItems} from '../../src/store/targets.ts';
import {drawApp, drawPane} from '../helpers/state/draw.ts';
import {
  acting,
  BUS,
  blocker,
  COUNTERS,
  figures,
  gap,
  logCounts,
  maintenance,
  NOW,
  ok,
  progress,
  running,
  SAMPLES,
  setAside,
  slot,
  stateOf,
  syncRow,
  worker,
} from '../helpers/state/screen.ts';

const text = sanitise;
const reject = {
  reason: text('not_json'),
  channel: text('data_sync:trades'),
  detail: text('not JSON'),
  text: text('{'),
  bytes: 1,
  at: NOW - 5e6,
};
const broken = figures({
  rejected: [[text('not_json'), 1]],
  rejects: [reject],
  stream: {lag: 1, pending: 2, length: 3},
  failing: text('deadlock detected'),
  failingSince: NOW - 60e6,
});
const sync = syncRow({
  workers: [
    worker(),
    worker({worker: text('failing'), figures: broken}),
    worker({worker: text('deaf'), figures: figures({link: text('denied'), linkError: text('NOPERM')})}),
    worker({worker: text('silent'), silentSeconds: 90}),
    worker({worker: text('stopped'), stoppedAt: NOW - 600e6}),
  ],
  gaps: [gap(), gap({id: '8', filledAt: undefined, error: text('timeout')}), gap({id: '9', filledAt: undefined})],
  quarantine: [setAside()],
  totals: {...syncRow().totals, gapsOpen: 2, oldestGapSeconds: 240, quarantined: 1},
});
const [server] = SAMPLES.server.rows;
const ROWS: Samples = {
  ...SAMPLES,
  ...(server && {server: ok([{...server, readsAllStats: false, oldestXactSeconds: 4000, deadlocks: 2, standbys: 1}])}),
  alert_marks: ok([
    {
      alert: text('oldest_xact'),
      acknowledgedAt: NOW,
      acknowledgedBy: text('ann'),
      note: text('asked'),
      mutedBy: text('ann'),
      mutedUntil: NOW + 60e6,
    },
  ]),
  disk: ok([{fullSince: NOW}]),
  maintenance: ok([
    maintenance('analyze', {nextAt: NOW - 7200e6, lateSeconds: 600}),
    maintenance('purge-logs', {runningAt: NOW - 60e6, runningHost: text('a')}),
    maintenance('backup-age', {outcome: text('failed')}),
  ]),
  log_counts: ok(
    ['ERROR', 'CRITICAL'].map(level =>
      logCounts('execution', level, {lastMinutes: 90, lastMinute: 30, hourBefore: 12, lastAt: NOW}),
    ),
  ),
  progress: ok([progress()]),
  counters: ok([{...COUNTERS, archiveMode: text('on')}]),
  slots: ok([slot(), slot({active: false, inactiveSince: NOW - 60e6})]),
  blockers: ok([blocker()]),
  running: ok([running({seconds: 90})]),
  service_performance: ok([
    {service: text('execution'), queries: 9, slow: 1, meanSeconds: 0.1, slowest: undefined, slowestMs: undefined},
  ]),
  market_hours: ok([{hours: undefined, error: text('it must be an object')}]),
  system_config: ok([{key: 'a', value: '1', description: text('b'), updatedBy: text('ann'), updatedAt: NOW}]),
  sessions: ok(SAMPLES.sessions.rows.map(row => ({...row, idleApplication: text('worker'), idleAlike: 60}))),
  alert_limits: ok([{value: {blocked: {warn: 'soon'}}}]),
  notifications_failed: ok([
    {channel: text('slack'), failed: 2, waiting: 1, lastFailedAt: NOW, lastError: text('HTTP 404')},
  ]),
  settings_changed: ok([{name: text('fsync'), before: text('on'), value: text('off'), pendingRestart: true, at: NOW}]),
  unfilled: ok([{orderId: keyText('O-1'), symbol: keyText('AAPL'), updatedAt: NOW, seconds: 20}]),
  sync: ok([sync]),
};

/** Records every field that is read of a value, as a path; the elements of a list have the path of the list. */
function watched<T>(value: T, path: string, read: (path: string) => void, made = new WeakMap<object, object>()): T {
  if (typeof value !== 'object' || value === null) return value;
  const known = made.get(value);
  if (known) return known as T;
  const proxy = new Proxy(value, {
    get: (target, key, receiver) => {
      const inner = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol' || typeof inner === 'function') return inner;
      if (Array.isArray(target)) return watched(inner, path, read, made);
      read(`${path}.${key}`);
      return watched(inner, `${path}.${key}`, read, made);
    },
  });
  made.set(value, proxy);
  return proxy;
}

/** Every path that `watched` can record of a value. */
function pathsOf(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(each => pathsOf(each, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${path}.${key}`, ...pathsOf(inner, `${path}.${key}`)]);
}

const OVERLAYS: readonly (Overlay | undefined)[] = [
  undefined,
  {kind: 'help', scroll: 0},
  {kind: 'filter', pane: 'trades', text: 'a'},
  {kind: 'checks', scroll: 0},
  {kind: 'history', pane: 'positions', key: '', column: undefined},
  {kind: 'rejects', selected: undefined},
  {kind: 'reject', number: 1, scroll: 0},
  {kind: 'chooser', actionId: 'vacuum-analyze', selected: 0, filter: ''},
  {kind: 'act', focus: 'cancel', typed: ''},
];
const SIZES = [
  [50, 15],
  [80, 24],
  [120, 40],
  [240, 70],
] as const;

const UNTOUCHED = {selected: undefined, filter: '', sort: undefined, reverse: false};

/** Shows a State in every way in which its rows can be shown, judged or kept. */
function readAll(state: State): void {
  const ui = (change: Partial<State['ui']>): State => ({...state, ui: {...state.ui, ...change}});
  for (const pane of PANES) {
    for (const key of pane.keys(state)) {
      pane.details(state, key);
      pane.copy(state, key);
      pane.leads(state, key);
    }
    pane.brief(state);
    for (const wide of [false, true]) drawPane(pane.id, ui({panes: {[pane.id]: {...UNTOUCHED, wide}}}), 240, 40, true);
    for (const {id: mode} of pane.modes) {
      const counted = ui({panes: {[pane.id]: {...UNTOUCHED, mode}}});
      pane.keys(counted);
      drawPane(pane.id, counted, 240, 40, true);
    }
    for (const [columns, rows] of SIZES) drawApp(ui({focus: pane.id}), columns, rows);
  }
  for (const overlay of OVERLAYS) {
    for (const [columns, rows] of SIZES) drawApp({...ui({overlay}), acting: acting()}, columns, rows);
  }
  jsonOf(
    state,
    PANES.map(pane => pane.table(state)),
  );
  watchAlerts(state);
  healthRows(state);
  settingScopes(state);
  targetItems(state, ['table', 'schema', 'database'], '');
  const {about, pools} = state;
  const store = createStore({about, ui: state.ui, bus: () => BUS, pools: () => pools, now: () => NOW});
  store.record('server', {ok: true, at: NOW, ms: 1, rows: state.samples.server.rows});
  store.record('sessions', {ok: true, at: NOW, ms: 1, rows: state.samples.sessions.rows});
  store.record('alert_limits', {ok: true, at: NOW, ms: 1, rows: state.samples.alert_limits.rows});
  store.now();
  store.close();
}

const read = new Set<string>();
const samples = Object.fromEntries(
  Object.entries(ROWS).map(([id, held]: [string, Held<unknown>]) => [
    id,
    {...held, rows: watched(held.rows, id, path => read.add(path))},
  ]),
) as unknown as Samples;
const counters = createBusCounters({now: () => NOW});
counters.fill(samples.trades.rows);
// Without marks: a position with a newer mark is copied, and copying reads every field.
readAll(stateOf({samples, bus: {tape: counters.snapshot(NOW).tape, marks: new Map()}}));

describe('the samples of the pollers', () => {
  it('all have rows in this test', () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(Object.keys(waitingSamples()).toSorted());
    expect(Object.entries(ROWS).filter(([, held]) => held.rows.length === 0)).toEqual([]);
  });

  it('each have something that reads their rows', () => {
    const unread = Object.keys(ROWS).filter(id => ![...read].some(path => path.startsWith(`${id}.`)));
    expect(unread).toEqual([]);
  });

  it('have no field that nothing reads', () => {
    const fields = new Set(Object.entries(ROWS).flatMap(([id, held]) => pathsOf(held.rows, id)));
    const unread = [...fields].filter(path => !read.has(path));
    expect(unread).toEqual([]);
  });
});
