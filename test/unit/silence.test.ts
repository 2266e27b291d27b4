import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {watchAlerts} from '../../src/alerts/alerts.ts';
import {healthRows} from '../../src/alerts/health.ts';
import {parseMarketHours} from '../../src/core/market-hours.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {SessionsRow} from '../../src/monitor/sessions.ts';
import {createRhythm} from '../../src/store/rhythm.ts';
import {createServices} from '../../src/store/services.ts';
import {BUS, gone, NOW, ok, SAMPLES, stateOf} from '../helpers/state/screen.ts';

const S = 1_000_000;
const ago = (seconds: number) => NOW - seconds * S;

describe('a rhythm', () => {
  it('knows nothing before it has heard enough', () => {
    const rhythm = createRhythm();
    for (let i = 0; i < 10; i++) rhythm.beat(i * 5 * S);
    expect([rhythm.usual(), rhythm.lastAt()]).toEqual([undefined, 45 * S]);
    rhythm.beat(50 * S);
    expect(rhythm.usual()).toBeGreaterThan(5);
  });

  it('is never broken by a regular one, and is by ten of its gaps', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 120}),
        fc.array(fc.double({min: -0.2, max: 0.2, noNaN: true}), {minLength: 40, maxLength: 80}),
        (every, jitter) => {
          const rhythm = createRhythm();
          let at = 0;
          for (const part of jitter) {
            const next = at + Math.round(every * (1 + part) * S);
            expect((next - at) / S).toBeLessThan(rhythm.usual() ?? Number.POSITIVE_INFINITY);
            at = next;
            rhythm.beat(at);
          }
          expect(rhythm.usual()).toBeLessThan(every * 10);
        },
      ),
    );
  });

  it('counts what comes within a second as one, and does not learn a night', () => {
    const rhythm = createRhythm();
    for (let i = 0; i < 400; i++) rhythm.beat(i * 0.1 * S);
    const usual = rhythm.usual() as number;
    expect(usual).toBeGreaterThanOrEqual(4.9);
    rhythm.beat(16 * 3600 * S);
    expect(rhythm.usual()).toBeLessThan(usual * 4);
  });
});

describe('the services that were there', () => {
  const row = (change: Partial<SessionsRow> = {}): SessionsRow => ({
    ...(SAMPLES.sessions.rows[0] as SessionsRow),
    service: sanitise('execution'),
    ...change,
  });
  const goneAfter = (...readings: readonly (readonly [number, readonly SessionsRow[]])[]) => {
    const services = createServices();
    for (const [seconds, rows] of readings) services.read(rows, seconds * S);
    return services.gone().map(({key, since, usualSeconds}) => [key, since / S, usualSeconds]);
  };

  it('are gone when they are not in a reading, and back when they are', () => {
    expect(goneAfter([0, [row()]], [40, [row()]], [60, []], [90, []])).toEqual([['trading_system/execution', 40, 0]]);
    expect(goneAfter([0, [row()]], [40, [row()]], [60, []], [90, [row()]])).toEqual([]);
  });

  it('are not those that came for a moment, nor persons and tools', () => {
    expect(goneAfter([0, [row()]], [19, [row()]], [60, []])).toEqual([]);
    expect(goneAfter([0, [row({ofDesk: false})]], [40, [row({ofDesk: false})]], [60, []])).toEqual([]);
  });

  it('have a usual absence, and are forgotten after a day', () => {
    expect(goneAfter([0, [row()]], [40, [row()]], [60, []], [340, [row()]], [400, []])).toEqual([
      ['trading_system/execution', 340, 300],
    ]);
    expect(goneAfter([0, [row()]], [40, [row()]], [60, []], [90_000, []])).toEqual([]);
  });

  it('keep their row in Connection health', () => {
    const rows = healthRows(stateOf({gone: [gone()]}));
    expect(rows.find(one => one.state === 'gone')).toMatchObject({
      key: 'service:trading_system/execution',
      name: 'execution',
      severity: 'warn',
      note: 'gone 4m',
      since: ago(240),
    });
  });
});

describe('alerts of silence', () => {
  const dead = {
    bus: {
      channels: BUS.channels.map(one => ({...one, lastAt: ago(240), usualSeconds: 5, service: sanitise('execution')})),
      quiet: [{symbol: sanitise('AAPL'), lastAt: ago(240), usualSeconds: 5}],
    },
    gone: [gone()],
  };
  /** The alerts of a State that has been so for some seconds. */
  const later = (change: Parameters<typeof stateOf>[0], seconds: number) => {
    const state = stateOf(change);
    return watchAlerts({...state, at: state.at + seconds * S}, watchAlerts(state)).alerts;
  };
  const idsOf = (state: Parameters<typeof stateOf>[0]) => watchAlerts(stateOf(state)).alerts.map(a => a.id);

  it('name the service that is gone as the cause of its channels’ silence, and no symbol where nothing comes at all', () => {
    const {alerts} = watchAlerts(stateOf(dead));
    expect(alerts.filter(a => a.causedBy === undefined).map(a => a.id)).toEqual([
      'silence_service:trading_system/execution',
    ]);
    expect(alerts.map(a => a.id)).toContain('silence_channel:data_sync:trades');
    expect(alerts.map(a => a.id)).not.toContain('silence_symbol:AAPL');
    expect(alerts.find(a => a.rule === 'silence_channel')?.row).toEqual({
      pane: 'health',
      key: 'service:trading_system/execution',
    });
    const channels = dead.bus.channels.map(one => ({...one, lastAt: ago(1)}));
    const silent = (seconds: number) =>
      later({...dead, bus: {...dead.bus, channels}}, seconds).filter(a => a.rule === 'silence_symbol');
    // The channel may have been silent, and its symbols come one by one.
    expect(silent(4)).toEqual([]);
    expect(silent(5)[0]).toMatchObject({text: 'No price of AAPL for 4m5s', row: {pane: 'market_data', key: 'AAPL'}});
  });

  it('tell of services that went at once by one alert, whose effects the others are', () => {
    const of = (service: string, seconds: number, usualSeconds = 0) =>
      gone({key: `trading_system/${service}`, service: sanitise(service), since: ago(seconds), usualSeconds});
    const went = [of('logging', 38), of('risk', 40, 90), of('execution', 41), of('analytics', 20)];
    const {alerts} = watchAlerts(stateOf({gone: [...went, of('sync', 100)]}));
    expect(alerts.map(({id, text, causedBy}) => [id, text, causedBy])).toEqual([
      ['silence_service:trading_system/sync', 'Service sync is gone: no session for 1m40s', undefined],
      ['silence_service:trading_system/execution', '3 services are gone for 41s: execution, risk, logging', undefined],
      ...['risk', 'logging'].map(name => [
        `silence_service:trading_system/${name}`,
        expect.stringContaining(`Service ${name} is gone`),
        'silence_service:trading_system/execution',
      ]),
    ]);
  });

  it('name a service that goes alone later than several that go at once: it may have closed an idle session', () => {
    const [one, other] = [gone({since: ago(40)}), gone({key: 'trading_system/logging', since: ago(38)})];
    expect(idsOf({gone: [one]})).not.toContain('silence_service:trading_system/execution');
    expect(idsOf({gone: [one, other]})).toContain('silence_service:trading_system/execution');
    expect(idsOf({gone: [gone({since: ago(61)}), {...other, since: ago(20)}]})).toContain(
      'silence_service:trading_system/execution',
    );
  });

  it('are absent while the market is closed, and count from its opening', () => {
    const within = (sessions: string) => {
      const hours = parseMarketHours({timezone: 'UTC', sessions: {daily: sessions}});
      if (typeof hours === 'string') throw new Error(hours);
      return idsOf({...dead, samples: {market_hours: ok([{hours, error: undefined}])}});
    };
    // The time of these States is 12:04:31.
    expect(within('12:00-11:00')).not.toEqual([]);
    expect(within('13:00-20:00')).toEqual([]);
    expect(within('12:04-20:00')).toContain('silence_channel:data_sync:trades');
    expect(within('12:04-20:00')).not.toContain('stale_marks');
  });

  it('count from the subscription, and name five symbols and the number of the others', () => {
    const link = {...BUS.link, since: ago(3)};
    expect(idsOf({bus: {...dead.bus, link}})).toEqual([]);
    const quiet = Array.from({length: 9}, (_, i) => ({symbol: sanitise(`S${i}`), lastAt: ago(60), usualSeconds: 5}));
    const alerts = later({bus: {quiet}}, 5);
    expect(alerts).toHaveLength(6);
    expect(alerts.find(a => a.subject === 'more')?.text).toBe('No price of 4 more symbols: S5, S6, S7, S8');
  });
});
