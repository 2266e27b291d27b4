import {describe, expect, it} from 'vitest';
import {failureOf, UserError} from '../../src/core/errors.ts';
import type {Io} from '../../src/io/io.ts';
import type {OnPace, OnSample} from '../../src/monitor/loop.ts';
import {REST_UNSEEN, restMs, retryMs} from '../../src/monitor/pace.ts';
import type {AnyPoller, Sources} from '../../src/monitor/poller.ts';
import {pollOnce, startPollers} from '../../src/monitor/run.ts';
import type {Sample} from '../../src/monitor/sample.ts';
import {blind, SourceError} from '../../src/monitor/source-error.ts';
import {ageAll, holdIn, waitingSamples} from '../../src/store/samples.ts';
import {fakeClock} from '../helpers/state/fake-clock.ts';

const io: Io = {pgVersion: () => 18, query: async () => []};
const sources: Sources = {
  trading: io,
  prefect: io,
  redis: {ping: async () => 'PONG', info: async () => '', subscribers: async () => 0, lastSlow: async () => undefined},
};
const settings = {slowMs: 1000, prefectDatabase: 'prefect'};
const failing = (code: string) => Object.assign(new Error(`failed with ${code}`), {code});

type Seen = {readonly id: string; readonly atMs: number; readonly sample: Sample<unknown>};

/** Pollers under a clock that the test moves; `read` receives the number of readings before. */
function watch(read: (n: number) => Promise<unknown>, poller: Partial<AnyPoller> = {}, refreshMs = 2000) {
  const clock = fakeClock();
  const begin = clock.now();
  const seen: Seen[] = [];
  let asked = 0;
  const made: AnyPoller = {
    ids: ['trades'],
    everyMs: 0,
    timeoutMs: 3000,
    sql: [],
    deltas: false,
    reader: () => async () => {
      await read(asked++);
      return {};
    },
    ...poller,
  };
  const onSample: OnSample<string> = (id, sample) => {
    seen.push({id, atMs: (sample.at - begin) / 1000, sample});
  };
  const paces: (number | undefined)[] = [];
  const onPace: OnPace<string> = (_ids, everyMs) => paces.push(everyMs);
  const polling = {pollers: [made], io: sources, settings, onSample, onPace, clock};
  const start = (first?: readonly string[]) => startPollers({...polling, refreshMs, first: first && new Set(first)});
  return {clock, seen, paces, asked: () => asked, polling, start};
}

const times = (seen: readonly Seen[]) => seen.map(s => s.atMs);
const never = () => new Promise<never>(() => {});

describe('a poll loop', () => {
  it('reads at once and then at every interval, counted from the start of a reading', async () => {
    const w = watch(() => new Promise<void>(done => w.clock.after(100, done)));
    w.start();
    await w.clock.pass(6200);
    expect(times(w.seen)).toEqual([100, 2100, 4100, 6100]);
  });

  it('begins a moment later where it is not seen first, and at once when it is then shown', async () => {
    for (const [first, begins] of [
      [['trades'], 0],
      [['positions'], 400],
    ] as const) {
      const w = watch(async () => {});
      w.start(first);
      await w.clock.pass(2000);
      expect(times(w.seen)[0]).toBe(begins);
    }
    const w = watch(async () => {});
    const pollers = w.start(['positions']);
    pollers.need({shown: new Set(['positions']), judged: new Set(['trades'])});
    await w.clock.pass(100);
    pollers.need({shown: new Set(['trades']), judged: new Set()});
    await w.clock.pass(100);
    expect(times(w.seen)).toEqual([100]);
  });

  it('does not read a source more often than its poller allows', async () => {
    const w = watch(async () => {}, {everyMs: 5000}, 250);
    w.start();
    await w.clock.pass(11_000);
    expect(times(w.seen)).toEqual([0, 5000, 10_000]);
  });

  it('has one reading in flight, and rests as long as a slow reading took', async () => {
    let [now, most] = [0, 0];
    const w = watch(async () => {
      most = Math.max(most, ++now);
      await new Promise<void>(done => w.clock.after(1500, done));
      now--;
    });
    w.start().refreshNow();
    await w.clock.pass(10_000);
    expect(most).toBe(1);
    // A refresh during the first reading: at once after it; then every 1.5 + 1.5 seconds.
    expect(times(w.seen)).toEqual([1500, 3000, 6000, 9000]);
  });

  it('gives a failure as a sample, tries again soon and then less often, and continues when it is over', async () => {
    const w = watch(async n => {
      if (n < 6) throw failing('ECONNREFUSED');
    });
    w.start();
    await w.clock.pass(14_000);
    expect(w.seen.map(s => [s.atMs, s.sample.ok])).toEqual([
      [0, false],
      [375, false],
      [1125, false],
      [2625, false],
      [5625, false],
      [8625, false],
      [11_625, true],
      [13_625, true],
    ]);
    expect(w.seen[0]?.sample).toMatchObject({
      failure: {why: 'down', message: 'failed with ECONNREFUSED'},
      retryAt: w.seen[1]?.sample.at,
    });
  });

  it('tries at least every five seconds while a server is down, whatever the chance', () => {
    const down = {why: 'down', retry: true, message: '', next: ''} as const;
    for (let failures = 1; failures < 200; failures++) {
      expect(retryMs(down, failures, 0)).toBeGreaterThanOrEqual(250);
      expect(retryMs(down, failures, 0.999)).toBeLessThan(4001);
    }
  });

  it('reads once a minute where a right is missing or the server lacks support, and at once on request', async () => {
    for (const code of ['42501', '55000', '22012']) {
      const w = watch(async () => {
        throw failing(code);
      });
      const pollers = w.start();
      await w.clock.pass(59_000);
      expect(w.asked()).toBe(1);
      await w.clock.pass(2000);
      expect(w.asked()).toBe(2);
      pollers.refreshNow();
      await w.clock.pass(0);
      expect(w.asked()).toBe(3);
    }
  });

  it.each([
    ['a login', {code: '28P01', message: 'password authentication failed for user "x"'}, 8000],
    ['a login', {code: '28000', message: 'no pg_hba.conf entry'}, 8000],
    ['a login', new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string'), 8000],
    ['a login', new Error('WRONGPASS invalid username-password pair or user is disabled.'), 8000],
    ['a statement', failing('42501'), 60_000],
    ['a statement', new Error('NOPERM User x has no permissions to run the info command'), 60_000],
  ])('tries %s that is refused again: %j', (_, error, ms) => {
    for (const failures of [1, 2, 50]) expect(retryMs(failureOf(error), failures, 0.5)).toBe(ms);
    expect(retryMs(blind('x').failure, 1, 0.5)).toBe(60_000);
  });

  it('reads at once on request what waits for a login that is refused', async () => {
    const w = watch(async n => {
      if (n === 0) throw failing('28P01');
    });
    const pollers = w.start();
    await w.clock.pass(100);
    pollers.refreshNow();
    await w.clock.pass(0);
    expect(w.seen.map(s => s.sample.ok)).toEqual([false, true]);
  });

  it('backs off from a statement that the server cancels, up to half a minute', () => {
    const slow = {why: 'timeout', retry: true, message: '', next: '', sqlstate: '57014'} as const;
    expect([1, 4, 7, 20].map(n => retryMs(slow, n, 1))).toEqual([500, 4000, 30_000, 30_000]);
  });

  it('rests fifty times as long as the server worked for a reading, up to five seconds', () => {
    expect(restMs({ms: 10, workMs: 3}, 2000)).toBe(1990);
    expect(restMs({ms: 90, workMs: 80}, 2000)).toBe(4000);
    expect(restMs({ms: 2900, workMs: 2000}, 2000)).toBe(5000);
    expect(restMs({ms: 90, workMs: 80}, 15_000)).toBe(14_910);
    expect(restMs({ms: 200, workMs: 180}, 15_000, REST_UNSEEN)).toBe(270_000);
    expect(restMs({ms: 900, workMs: 800}, 15_000, REST_UNSEEN)).toBe(300_000);
  });

  it('rests longer, up to five minutes, where only an alert that has time needs what costs much', async () => {
    for (const [unseenMs, least, most] of [
      [undefined, 140_000, 160_000],
      [4000, 4000, 5500],
    ] as const) {
      const w = watch(async () => {}, {
        ...(unseenMs === undefined ? {} : {unseenMs}),
        reader: () => async s => {
          await s.trading.query('monitor/server');
          return {};
        },
      });
      let n = 0;
      const query: Io['query'] = async (_, __, options) => {
        // The path takes 20 ms; the statement itself takes 100 from the third reading on.
        options?.timed?.(n++ < 2 ? 20 : 120);
        return [];
      };
      const pollers = startPollers({...w.polling, io: {...sources, trading: {...io, query}}, refreshMs: 1000});
      await w.clock.pass(10_000);
      pollers.need({shown: new Set<string>(), judged: new Set(['trades'])});
      await w.clock.pass(400_000);
      const starts = times(w.seen);
      const rested = (starts.at(-1) as number) - (starts.at(-2) as number);
      expect(rested).toBeGreaterThanOrEqual(least);
      expect(rested).toBeLessThan(most);
      // Who comes to see it does not wait so long.
      pollers.need({shown: new Set(['trades']), judged: new Set<string>()});
      await w.clock.pass(5000);
      expect(times(w.seen).length).toBeGreaterThan(starts.length);
      await pollers.stop();
    }
  });

  it('counts as work what a statement takes beyond the shortest recent round trip', async () => {
    const trips = [20, 21, 60, 60, 60, 20];
    const w = watch(async () => {}, {
      reader: () => async s => {
        await s.trading.query('monitor/server');
        return {};
      },
    });
    let n = 0;
    const query: Io['query'] = async (_, __, options) => {
      options?.timed?.(trips[n++] ?? 20);
      return [];
    };
    startPollers({...w.polling, io: {...sources, trading: {...io, query}}, refreshMs: 1000});
    await w.clock.pass(7000);
    // One slow answer may be chance; three in a row are the statement's own work.
    const starts = times(w.seen) as [number, number, number, number, number, number];
    expect(starts.slice(0, 5)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(starts[5] - starts[4]).toBeGreaterThan(1800);
    expect(starts[5] - starts[4]).toBeLessThan(2000);
  });

  it('reports a missed deadline, and waits for the late answer before it reads again', async () => {
    const w = watch(n => (n === 0 ? new Promise<void>(done => w.clock.after(4000, done)) : Promise.resolve()));
    w.start();
    await w.clock.pass(3000);
    expect(w.seen[0]?.sample).toMatchObject({ok: false, failure: {why: 'timeout', message: 'no answer within 3 s'}});
    expect(w.asked()).toBe(1);
    await w.clock.pass(2200);
    expect(w.asked()).toBe(2);
    expect(w.seen.at(-1)?.sample.ok).toBe(true);
  });

  it('does not wait forever for a reading that never ends', async () => {
    const w = watch(n => (n === 0 ? never() : Promise.resolve()));
    w.start();
    await w.clock.pass(7000);
    expect(w.seen.map(s => s.sample.ok)).toEqual([false, true]);
  });

  it('does not wait for another poller that hangs', async () => {
    const w = watch(never);
    const good: AnyPoller = {
      ...(w.polling.pollers[0] as AnyPoller),
      ids: ['positions'],
      reader: () => async () => ({}),
    };
    startPollers({...w.polling, pollers: [...w.polling.pollers, good], refreshMs: 1000});
    await w.clock.pass(2500);
    expect(times(w.seen.filter(s => s.id === 'positions'))).toEqual([0, 1000, 2000]);
  });

  it('gives each statement the reading’s remaining time', async () => {
    const limits: (number | undefined)[] = [];
    const w = watch(async () => {}, {
      reader: () => async s => {
        await s.trading.query('monitor/server');
        await new Promise<void>(done => w.clock.after(500, done));
        await s.prefect.query('monitor/server', [], {variant: 3});
        return {};
      },
    });
    const query: Io['query'] = async (_, __, options) => {
      limits.push(options?.limitMs?.(), options?.variant);
      return [];
    };
    startPollers({
      ...w.polling,
      io: {...sources, trading: {...io, query}, prefect: {...io, query}},
      refreshMs: 60_000,
    });
    await w.clock.pass(1000);
    expect(limits).toEqual([3000, undefined, 2500, 3]);
  });

  it('does not count the wait for a connection of ours, and more time where the server is far away', async () => {
    const w = watch(async () => {}, {
      reader: () => async s => {
        await s.trading.query('monitor/server');
        return {};
      },
    });
    const takes = {waitMs: 5000, answerMs: 2900};
    const query: Io['query'] = async (_, __, options) => {
      await new Promise<void>(done => w.clock.after(takes.waitMs, done));
      options?.limitMs?.();
      await new Promise<void>(done => w.clock.after(takes.answerMs, done));
      options?.timed?.(300);
      return [];
    };
    startPollers({...w.polling, io: {...sources, trading: {...io, query}}, refreshMs: 2000});
    await w.clock.pass(8000);
    expect(w.seen.map(s => s.sample.ok)).toEqual([true]);
    // Eight trips of 300 ms more than the three seconds.
    takes.answerMs = 5300;
    await w.clock.pass(14_000);
    expect(w.seen.map(s => s.sample.ok)).toEqual([true, true]);
    takes.answerMs = 6000;
    await w.clock.pass(30_000);
    expect(w.seen.at(-1)?.sample).toMatchObject({failure: {why: 'timeout', message: 'no answer within 5.4 s'}});
  });

  it('changes its interval while it waits', async () => {
    const w = watch(async () => {}, {}, 60_000);
    const pollers = w.start();
    await w.clock.pass(1000);
    pollers.setRefresh(500);
    await w.clock.pass(1000);
    expect(times(w.seen)).toEqual([0, 1000, 1500, 2000]);
    pollers.setRefresh(10_000);
    await w.clock.pass(10_100);
    expect(times(w.seen).slice(4)).toEqual([12_000]);
  });

  const need = (shown: readonly string[], judged: readonly string[] = []) => ({
    shown: new Set(shown),
    judged: new Set(judged),
  });

  it('rests while nobody needs it, and reads at once when a pane shows it', async () => {
    const w = watch(async () => {});
    const pollers = w.start();
    await w.clock.pass(100);
    pollers.need(need(['positions'], ['server']));
    await w.clock.pass(60_000);
    expect(w.asked()).toBe(1);
    pollers.need(need(['trades']));
    await w.clock.pass(2100);
    expect(w.asked()).toBe(3);
    pollers.need(need([]));
    await w.clock.pass(60_000);
    expect(w.asked()).toBe(3);
  });

  it.each([
    [{}, 10_000],
    [{unseenMs: 4000}, 4000],
    [{unseenMs: 500}, 2000],
    [{everyMs: 15_000}, 15_000],
  ])('reads seldom while only alerts need it: %j every %d ms', async (poller, everyMs) => {
    const w = watch(async () => {}, poller);
    const pollers = w.start();
    pollers.need(need(['positions'], ['trades']));
    await w.clock.pass(everyMs * 3 + 100);
    expect(times(w.seen)).toEqual([0, everyMs, 2 * everyMs, 3 * everyMs]);
    expect(w.paces).toEqual(everyMs === 2000 ? [2000] : [everyMs]);
    pollers.need(need(['trades'], ['trades']));
    await w.clock.pass(2000);
    expect(w.asked()).toBe(everyMs === 15_000 ? 4 : 5);
  });

  it('continues when it is needed again while a late reading is still in flight', async () => {
    const w = watch(async n => {
      if (n === 0) await never();
    });
    const pollers = w.start();
    pollers.need(need([]));
    await w.clock.pass(3100);
    pollers.need(need(['trades']));
    await w.clock.pass(4000);
    expect(w.seen.map(s => s.sample.ok)).toEqual([false, true]);
  });

  it('is tried again while it fails, although nobody needs it, and rests once it is well', async () => {
    const w = watch(async n => {
      if (n < 3) throw failing('ECONNREFUSED');
    });
    const pollers = w.start();
    pollers.need(need([]));
    await w.clock.pass(60_000);
    expect(w.seen.map(s => s.sample.ok)).toEqual([false, false, false, true]);
  });

  it('does not read twice where its pace changes during a reading', async () => {
    const w = watch(() => new Promise<void>(done => w.clock.after(1000, done)));
    const pollers = w.start();
    await w.clock.pass(100);
    pollers.need(need([], ['trades']));
    pollers.need(need(['trades']));
    pollers.setRefresh(250);
    await w.clock.pass(2200);
    expect(w.asked()).toBe(2);
  });

  it('reads soon what an alert stands on, where that costs little, and not what fails or rests', async () => {
    const cheap = watch(() => new Promise<void>(done => cheap.clock.after(100, done)), {everyMs: 30_000});
    const pollers = cheap.start();
    await cheap.clock.pass(4000);
    pollers.readSoon(['trades'], 5000);
    await cheap.clock.pass(1500);
    pollers.readSoon(['positions'], 5000);
    pollers.readSoon(['trades'], 5000);
    await cheap.clock.pass(1000);
    pollers.readSoon(['trades'], 5000);
    await cheap.clock.pass(1000);
    expect(times(cheap.seen)).toEqual([100, 5600]);

    const dear = watch(() => new Promise<void>(done => dear.clock.after(101, done)), {everyMs: 30_000});
    const slow = dear.start();
    await dear.clock.pass(6000);
    slow.readSoon(['trades'], 5000);
    await dear.clock.pass(1000);
    expect(times(dear.seen)).toEqual([101]);
  });

  it('refreshes only the named samples', async () => {
    const w = watch(async () => {});
    const pollers = w.start();
    await w.clock.pass(100);
    pollers.refreshNow(['tables']);
    await w.clock.pass(0);
    expect(w.asked()).toBe(1);
    pollers.refreshNow(['tables', 'trades']);
    await w.clock.pass(0);
    expect(w.asked()).toBe(2);
  });

  it('takes the second reading soon where rates need two', async () => {
    const w = watch(async () => {}, {deltas: true}, 5000);
    w.start();
    await w.clock.pass(7000);
    expect(times(w.seen)).toEqual([0, 1000, 6000]);
  });

  it('gives no sample after its end, and ends even when a reading hangs', async () => {
    const w = watch(async n => {
      if (n > 0) await never();
    });
    const pollers = w.start();
    await w.clock.pass(2100);
    expect(w.asked()).toBe(2);
    let ended = false;
    void pollers.stop().then(() => {
      ended = true;
    });
    await w.clock.pass(1900);
    expect(ended).toBe(false);
    await w.clock.pass(200);
    expect(ended).toBe(true);
    await w.clock.pass(20_000);
    expect(w.seen).toHaveLength(1);
    expect(w.asked()).toBe(2);
    expect(w.clock.waiting()).toBe(0);
    pollers.refreshNow();
    await w.clock.pass(100);
    expect(w.asked()).toBe(2);
  });

  it('keeps a poller’s own reason, and makes the message safe to show', async () => {
    const w = watch(async n => {
      if (n === 0) throw new SourceError({why: 'denied', message: 'no\u001b[31m right', next: 'GRANT x TO y;'});
      throw new UserError('odd');
    });
    const pollers = w.start();
    await w.clock.pass(0);
    pollers.refreshNow();
    await w.clock.pass(0);
    expect(w.seen.map(s => s.sample)).toMatchObject([
      {failure: {why: 'denied', retry: false, message: 'no␛[31m right', next: 'GRANT x TO y;'}},
      {failure: {why: 'bug', message: 'odd'}},
    ]);
  });
});

describe('a single round', () => {
  it('reads once, or twice where rates need it, and gives one sample each', async () => {
    const w = watch(async () => {});
    const [plain] = w.polling.pollers as [AnyPoller];
    const rates: AnyPoller = {...plain, ids: ['statements', 'statements_info'], deltas: true};
    const done = pollOnce({...w.polling, pollers: [plain, rates], gapMs: 1000});
    await w.clock.pass(1000);
    await done;
    expect(w.asked()).toBe(3);
    expect(w.seen.map(s => [s.id, s.atMs])).toEqual([
      ['trades', 0],
      ['statements', 1000],
      ['statements_info', 1000],
    ]);
    expect(w.clock.waiting()).toBe(0);
    // A slow source does not make those stale that were read before it.
    for (const {id, sample} of w.seen) {
      const samples = holdIn(waitingSamples(), id as 'trades', sample as Sample<never>);
      expect(ageAll(samples, sample.at + 3600e6)[id as 'trades'].state, id).toBe('empty');
    }
  });

  it('does not repeat a reading that failed', async () => {
    const w = watch(
      async () => {
        throw failing('28P01');
      },
      {deltas: true},
    );
    await pollOnce({...w.polling, gapMs: 1000});
    expect(w.asked()).toBe(1);
    expect(w.seen[0]?.sample).toMatchObject({ok: false, failure: {why: 'denied'}, retryAt: undefined});
  });
});
