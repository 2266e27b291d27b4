import {describe, expect, it} from 'vitest';
import {healthRows} from '../../src/alerts/health.ts';
import type {MetricEvent} from '../../src/bus/event.ts';
import {keyText, sanitise} from '../../src/core/sanitise.ts';
import type {SessionsRow} from '../../src/monitor/sessions.ts';
import {createPublished} from '../../src/store/published.ts';
import {BUS, NOW, ok, SAMPLES, stateOf} from '../helpers/state/screen.ts';

const at = (seconds: number) => NOW + seconds * 1e6;
const envelope = (receivedAt: number) => ({
  channel: sanitise('data_sync:pools'),
  type: sanitise('pool_metrics'),
  service: sanitise('execution'),
  at: receivedAt,
  receivedAt,
  correlationId: undefined,
});
const pool = (seconds: number, waiting: number, instance = 'host:1'): MetricEvent => ({
  ...envelope(at(seconds)),
  kind: 'pools',
  data: {
    pool: keyText('execution'),
    instance: keyText(instance),
    size: '3',
    inUse: '3',
    waiting: String(waiting),
    max: '4',
  },
});
const cache = (seconds: number, hits: number, misses: number, errors = 0): MetricEvent => ({
  ...envelope(at(seconds)),
  kind: 'caches',
  data: {
    cache: keyText('marks'),
    instance: keyText('host:1'),
    hits: String(hits),
    misses: String(misses),
    errors: String(errors),
  },
});

describe('what services publish of themselves', () => {
  it('is kept as it is now, and since when its messages say that calls wait', () => {
    const published = createPublished();
    for (const event of [pool(0, 0), pool(5, 2), pool(10, 1), pool(10, 0, 'host:2')]) published.add(event);
    const {published: pools} = published.state(at(11));
    expect(pools.map(({instance, waiting, waitingSince}) => [instance, waiting, waitingSince])).toEqual([
      ['host:1', 1, at(5)],
      ['host:2', 0, undefined],
    ]);
    // Nothing changed: the same rows.
    expect(published.state(at(12)).published).toBe(pools);
    published.add(pool(15, 0));
    expect(published.state(at(16)).published[0]).toMatchObject({waiting: 0, waitingSince: undefined});
    // host:2 has been silent for too long.
    expect(published.state(at(31)).published.map(({instance}) => instance)).toEqual(['host:1']);
    expect(published.state(at(60)).published).toEqual([]);
  });

  it('is bounded, whoever publishes', () => {
    const published = createPublished();
    for (let i = 0; i < 1000; i++) published.add(pool(0, 0, `host:${i}`));
    expect(published.state(at(1)).published).toHaveLength(200);
  });

  it('counts caches from the console’s start', () => {
    const published = createPublished();
    for (const event of [cache(0, 5, 1), cache(5, 7, 0, 2)]) published.add(event);
    expect(published.state(at(6)).caches).toEqual([{cache: 'marks', hits: 12, misses: 1, errors: 2, at: at(5)}]);
  });
});

describe('the health of connections', () => {
  const [session] = SAMPLES.sessions.rows as readonly SessionsRow[];
  const row = {...(session as SessionsRow), service: sanitise('svc_execution'), waiting: 0, blockedSeconds: 0};
  const shown = (published: ReturnType<ReturnType<typeof createPublished>['state']>, rows = [row]) =>
    healthRows(stateOf({bus: {...BUS, ...published}, samples: {sessions: ok(rows)}}));

  it('has a service’s own pool beside what the server knows of its sessions', () => {
    const published = createPublished();
    published.add(pool(-20, 2));
    published.add(pool(-5, 2));
    const rows = shown(published.state(NOW));
    const found = rows.find(({name}) => name === 'svc_execution');
    expect(found).toMatchObject({kind: 'service', max: 4, waiting: 2, severity: 'warn', state: 'pool full'});
    expect(found?.note).toMatch(/, pool 3\/4, 2 wait$/);
    expect(rows.some(({key}) => key.startsWith('published:'))).toBe(false);
  });

  it('has a row for a pool without sessions here', () => {
    const published = createPublished();
    published.add(pool(-1, 0));
    expect(shown(published.state(NOW), []).find(({key}) => key === 'published:execution')).toMatchObject({
      kind: 'pool',
      state: 'ok',
      inUse: 3,
      idle: 0,
      max: 4,
    });
  });

  it('has the share of what the caches saved', () => {
    const published = createPublished();
    published.add(cache(0, 1200, 34, 3));
    expect(shown(published.state(NOW)).find(({kind}) => kind === 'cache')?.note).toBe(
      '97 % of 1,234 from the cache, 34 missed, 3 without Redis',
    );
    expect(shown(createPublished().state(NOW)).some(({kind}) => kind === 'cache')).toBe(false);
  });
});
