import {limitsInForce} from '../../../src/alerts/settings.ts';
import {sanitise} from '../../../src/core/sanitise.ts';
import type {Samples, State} from '../../../src/model/state.ts';
import type {Held} from '../../../src/monitor/sample.ts';
import {waitingSamples} from '../../../src/store/samples.ts';

/** The time of the States in tests. */
export const NOW = Date.UTC(2026, 10, 22, 12) * 1000;

/** A source that has just answered. */
export const good = <Row>(...rows: readonly Row[]): Held<Row> => ({
  state: rows.length > 0 ? 'ok' : 'empty',
  at: NOW,
  rows,
  ms: 1,
  failure: undefined,
  failingSince: undefined,
  retryAt: undefined,
});

/** A State in which nothing is wrong and nothing has been read. */
export const stateOf = (samples: Partial<Samples> = {}, bus: Partial<State['bus']> = {}): State => ({
  at: NOW,
  about: {
    environment: 'dev',
    trading: sanitise('127.0.0.1:5432/trading_system'),
    redis: sanitise('127.0.0.1:6379'),
    user: sanitise('tradetop_monitor'),
    slowMs: 1000,
    ascii: false,
  },
  samples: {...waitingSamples(), alert_limits: good(), ...samples},
  limits: limitsInForce({}, []),
  bus: {
    link: {state: 'ready', since: NOW - 60e6, error: undefined, retryAt: undefined, drops: 0, latencyMs: 0.4},
    tape: [],
    seen: 0,
    duplicates: 0,
    missed: 0,
    perMinute: 0,
    history: [],
    lagMs: undefined,
    lagP99Ms: undefined,
    channels: [],
    rejected: 0,
    rejects: {oversized: 0, not_json: 0, not_envelope: 0, bad_data: 0, unknown_type: 0, unknown_channel: 0},
    lastReject: undefined,
    rejectList: [],
    gaps: 0,
    marks: new Map(),
    ...bus,
  },
  pools: {
    trading: {inUse: 0, idle: 1, waiting: 0, max: 1},
    prefect: {inUse: 0, idle: 1, waiting: 0, max: 1},
  },
  alerts: [],
  unread: [],
  checks: {running: false, at: undefined, results: [], error: undefined},
  acting: undefined,
  ui: {
    view: 'Main',
    focus: 'trades',
    zoomed: false,
    paused: false,
    refreshMs: 2000,
    readOnly: false,
    panes: {},
    overlay: undefined,
    note: undefined,
  },
});
