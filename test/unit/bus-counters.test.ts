import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {BusEvent, BusLink, DeskEvent, Reject} from '../../src/bus/event.ts';
import type {TradeEvent} from '../../src/bus/kinds/trades.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {TradeRow} from '../../src/monitor/trades.ts';
import {createBusCounters} from '../../src/store/bus-counters.ts';
import {createCounts} from '../../src/store/counts.ts';

const S = 1_000_000;
const START = 1_795_338_000 * S;

function trade(id: string, receivedAt: number, lagMs = 0, executedAt = receivedAt - lagMs * 1000): DeskEvent {
  const data: TradeEvent = {
    tradeId: sanitise(id),
    orderId: undefined,
    accountId: sanitise('ACC-01'),
    symbol: sanitise('AAPL'),
    side: 'buy',
    quantity: '1',
    price: '2',
    commission: undefined,
    executedAt,
    strategy: undefined,
    tradeType: undefined,
    totalValue: undefined,
    realizedPnl: undefined,
    winRate: undefined,
  };
  const envelope = {
    channel: sanitise('data_sync:trades'),
    type: sanitise('trade_executed'),
    service: sanitise('execution'),
  };
  return {kind: 'trades', ...envelope, at: receivedAt - lagMs * 1000, receivedAt, correlationId: undefined, data};
}

const row = (id: string, executedAt: number): TradeRow => ({
  ...((trade(id, executedAt) as BusEvent<'trades', TradeEvent>).data as unknown as TradeRow),
  executedAt,
  receivedAt: executedAt,
  lagMs: undefined,
  from: 'table',
});

const bar = (symbol: string, close: string, at: number): DeskEvent => ({
  kind: 'market_data',
  channel: sanitise('data_sync:market_data'),
  type: sanitise('market_data_updated'),
  service: sanitise('data_ingestion'),
  at,
  receivedAt: at,
  correlationId: undefined,
  data: {symbol: sanitise(symbol), at, open: undefined, high: undefined, low: undefined, close, volume: undefined},
});

const link = (state: BusLink['state'], since: number, drops = 0): BusLink => ({
  state,
  since,
  drops,
  error: undefined,
  retryAt: undefined,
  latencyMs: undefined,
});

const reject = (reason: Reject['reason'], at: number): Reject => ({
  reason,
  channel: sanitise('data_sync:trades'),
  detail: sanitise('d'),
  text: sanitise('t'),
  bytes: 1,
  at,
});

/** Counters with a clock that the test moves. */
function clocked(options: Parameters<typeof createBusCounters>[0] = {}) {
  const clock = {at: START};
  const counters = createBusCounters({...options, now: () => clock.at});
  return {clock, counters, ids: () => counters.snapshot(clock.at).tape.map(t => t.tradeId as string)};
}

describe('the counters', () => {
  it('are empty at first', () => {
    const {counters} = clocked({expected: [sanitise('data_sync:trades')]});
    expect(counters.snapshot(START)).toMatchObject({
      tape: [],
      seen: 0,
      perMinute: 0,
      lagMs: undefined,
      lagP99Ms: undefined,
      lastReject: undefined,
      gaps: 0,
      channels: [{channel: 'data_sync:trades', received: 0, perMinute: 0, lastAt: undefined}],
    });
  });

  it('show trades newest first, each once, and count those that arrive again', () => {
    const {counters, ids} = clocked();
    for (const id of ['A', 'B', 'A', 'C', 'B']) counters.ingest(trade(id, START, 3));
    expect(ids()).toEqual(['C', 'B', 'A']);
    expect(counters.snapshot(START)).toMatchObject({seen: 3, duplicates: 2, missed: 0, lagMs: 3});
    expect(counters.snapshot(START).tape[0]).toMatchObject({lagMs: 3, from: 'bus', receivedAt: START});
  });

  it('keep the newest trades, across snapshots', () => {
    const {counters, ids} = clocked({capacity: 5});
    for (let i = 0; i < 12; i++) counters.ingest(trade(`T${i}`, START));
    expect(ids()).toEqual(['T11', 'T10', 'T9', 'T8', 'T7']);
    counters.ingest(trade('T12', START));
    expect(ids()).toEqual(['T12', 'T11', 'T10', 'T9', 'T8']);
  });

  it('give the same objects where nothing changed', () => {
    const {counters} = clocked({expected: [sanitise('data_sync:trades')]});
    counters.ingest(trade('A', START));
    counters.ingest(bar('AAPL', '1', START));
    counters.reject(reject('bad_data', START));
    const [a, b] = [counters.snapshot(START), counters.snapshot(START)];
    for (const part of [
      'tape',
      'history',
      'channels',
      'rejects',
      'rejectList',
      'marks',
      'link',
      'lastReject',
    ] as const) {
      expect(b[part]).toBe(a[part]);
    }
    counters.ingest(trade('B', START));
    const c = counters.snapshot(START);
    expect(c.tape[1]).toBe(a.tape[0]);
    expect(c.marks).toBe(a.marks);
    expect(a.tape).toHaveLength(1);
  });

  it('give the rate of the last minute, or of the time since the start where that is shorter', () => {
    const {counters} = clocked();
    counters.link(link('ready', START));
    for (let second = 0; second < 10; second++) counters.ingest(trade(`T${second}`, START + second * S));
    expect(counters.snapshot(START + 10 * S).perMinute).toBe(60);
    expect(counters.snapshot(START + 60 * S).perMinute).toBe(9);
    expect(counters.snapshot(START + 75 * S).perMinute).toBe(0);
  });

  it('keep sixty spans of two seconds', () => {
    const {counters} = clocked();
    for (const second of [0, 1, 2, 5]) counters.ingest(trade(`T${second}`, START + second * S));
    expect(counters.snapshot(START + 5 * S).history.slice(-4)).toEqual([0, 2, 1, 1]);
    expect(counters.snapshot(START + 118 * S).history.slice(0, 4)).toEqual([2, 1, 1, 0]);
    expect(counters.snapshot(START + 300 * S).history).toEqual(new Array(60).fill(0));
  });

  it('keep the newest mark of a symbol, by the event’s time, for a bounded number of symbols', () => {
    const {counters} = clocked({symbols: 2});
    counters.ingest(bar('A', '1.0', START + 2));
    counters.ingest(bar('A', '0.9', START + 1));
    counters.ingest(bar('B', '2', START));
    counters.ingest(bar('C', '3', START));
    // Ahead of this machine's clock: its own time, or its bar's.
    counters.ingest({...bar('A', '7', START + 3600 * S), receivedAt: START} as DeskEvent);
    counters.ingest({...bar('A', '8', START + 3600 * S), at: START + 3, receivedAt: START} as DeskEvent);
    expect([...counters.snapshot(START).marks]).toEqual([
      ['A', {price: '1.0', at: START + 2}],
      ['B', {price: '2', at: START}],
    ]);
  });

  it('count rejected messages by reason, and list a bounded number of channels', () => {
    const {counters} = clocked({channels: 2});
    counters.reject(reject('bad_data', START));
    counters.reject(reject('not_json', START + 1));
    for (const name of ['data_sync:x', 'data_sync:y'])
      counters.reject({...reject('unknown_channel', START), channel: sanitise(name)});
    const state = counters.snapshot(START);
    expect(state).toMatchObject({rejected: 4, rejects: {bad_data: 1, not_json: 1, unknown_channel: 2, oversized: 0}});
    expect(state.channels.map(c => [c.channel, c.received])).toEqual([
      ['data_sync:trades', 2],
      ['data_sync:x', 1],
    ]);
    expect(state.lastReject?.channel).toBe('data_sync:y');
  });

  it('keep the last hundred rejected messages, newest first', () => {
    const reasons = ['oversized', 'not_json', 'not_envelope', 'bad_data', 'unknown_type', 'unknown_channel'] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...reasons), {maxLength: 300}), fc.nat(300), (all, looks) => {
        const {counters} = clocked();
        all.forEach((reason, i) => {
          counters.reject(reject(reason, START + i));
          // Reading the snapshot in between makes no difference.
          if (i % (looks + 1) === 0) counters.snapshot(START);
        });
        const {rejected, rejects, rejectList, lastReject} = counters.snapshot(START);
        expect(rejected).toBe(all.length);
        expect(Object.entries(rejects)).toEqual(reasons.map(r => [r, all.filter(one => one === r).length]));
        expect(rejectList.map(({number, reject: {reason, at}}) => [number, reason, at])).toEqual(
          all
            .map((reason, i) => [i + 1, reason, START + i])
            .toReversed()
            .slice(0, 100),
        );
        expect(lastReject).toBe(rejectList[0]?.reject);
      }),
      {numRuns: 50},
    );
  });

  it('count each span without a live subscription once', () => {
    const {counters} = clocked();
    const gapsAfter = (next: BusLink): number => {
      counters.link(next);
      return counters.snapshot(START).gaps;
    };
    expect(gapsAfter(link('connecting', START))).toBe(0);
    expect(gapsAfter(link('down', START))).toBe(1);
    expect(gapsAfter(link('denied', START))).toBe(1);
    expect(gapsAfter(link('ready', START))).toBe(1);
    expect(gapsAfter(link('down', START, 1))).toBe(2);
    expect(gapsAfter(link('ready', START, 1))).toBe(2);
    // Lost and restored between two calls.
    expect(gapsAfter(link('ready', START, 2))).toBe(3);
  });
});

describe('trades from the table', () => {
  it('fill the tape at the start and do not count as missed', () => {
    const {counters, ids, clock} = clocked();
    counters.fill([row('B', START - S), row('A', START - 2 * S)]);
    counters.link(link('ready', START));
    clock.at = START + 60 * S;
    counters.fill([row('B', START - S), row('A', START - 2 * S)]);
    expect(ids()).toEqual(['B', 'A']);
    expect(counters.snapshot(clock.at)).toMatchObject({seen: 0, missed: 0, duplicates: 0});
    expect(counters.snapshot(clock.at).tape[0]).toMatchObject({from: 'table', lagMs: undefined});
  });

  it('appear once when they also arrive on the bus', () => {
    const {counters, ids} = clocked();
    counters.fill([row('A', START)]);
    counters.ingest(trade('A', START + S));
    expect(ids()).toEqual(['A']);
    expect(counters.snapshot(START)).toMatchObject({seen: 1, duplicates: 0});
  });

  it('count as missed when they should have arrived on the bus, and go on the tape at their time', () => {
    const {counters, ids, clock} = clocked();
    counters.link(link('ready', START));
    counters.ingest(trade('A', START + S));
    counters.ingest(trade('C', START + 3 * S));
    clock.at = START + 6 * S;
    const rows = [row('C', START + 3 * S), row('B', START + 2 * S), row('A', START + S)];
    counters.fill(rows);
    expect(counters.snapshot(clock.at).missed).toBe(0);
    clock.at = START + 8 * S;
    counters.fill(rows);
    counters.fill(rows);
    expect(ids()).toEqual(['C', 'B', 'A']);
    expect(counters.snapshot(clock.at)).toMatchObject({missed: 1, seen: 2});
    expect(counters.snapshot(clock.at).tape[1]).toMatchObject({tradeId: 'B', from: 'table'});
  });

  it('no longer count as missed when they arrive on the bus late', () => {
    const {counters, ids, clock} = clocked();
    counters.link(link('ready', START));
    clock.at = START + 20 * S;
    counters.fill([row('A', START + S)]);
    expect(counters.snapshot(clock.at).missed).toBe(1);
    counters.ingest(trade('A', clock.at));
    expect(counters.snapshot(clock.at)).toMatchObject({missed: 0, seen: 1, duplicates: 0});
    expect(ids()).toEqual(['A']);
  });

  it('do not count as missed when they may only have been forgotten', () => {
    const {counters, clock} = clocked({identities: 10, graceMs: 1000});
    counters.link(link('ready', START));
    for (let i = 0; i < 100; i++) counters.ingest(trade(`T${i}`, START + i * S));
    clock.at = START + 200 * S;
    counters.fill(Array.from({length: 100}, (_, i) => row(`T${i}`, START + i * S)));
    expect(counters.snapshot(clock.at)).toMatchObject({missed: 0, seen: 100});
  });
});

describe('for any input', () => {
  it('the counters agree with a simple model', () => {
    const id = fc.nat(30).map(n => `T${n}`);
    const step = fc.oneof(
      fc.record({do: fc.constant('bus' as const), id}),
      fc.record({do: fc.constant('fill' as const), ids: fc.array(id, {maxLength: 8})}),
      fc.record({do: fc.constant('wait' as const), seconds: fc.nat(9)}),
      fc.record({do: fc.constant('look' as const)}),
    );
    fc.assert(
      fc.property(fc.array(step, {maxLength: 60}), steps => {
        const {counters, clock} = clocked();
        counters.link(link('ready', START));
        // Every trade is executed two seconds after the start.
        const executedAt = START + 2 * S;
        const [bus, table] = [new Set<string>(), new Set<string>()];
        let again = 0;
        const received: number[] = [];
        for (const s of steps) {
          if (s.do === 'wait') clock.at += s.seconds * S;
          else if (s.do === 'look') counters.snapshot(clock.at);
          else if (s.do === 'bus') {
            if (bus.has(s.id)) again++;
            else received.push(clock.at);
            bus.add(s.id);
            counters.ingest(trade(s.id, clock.at, 0, executedAt));
          } else {
            counters.fill([...new Set(s.ids)].map(i => row(i, executedAt)));
            if (clock.at >= executedAt + 5 * S) for (const i of s.ids) table.add(i);
          }
        }
        const state = counters.snapshot(clock.at);
        expect(state.seen).toBe(bus.size);
        expect(state.duplicates).toBe(again);
        expect(state.missed).toBe([...table].filter(i => !bus.has(i)).length);
        expect(new Set(state.tape.map(t => t.tradeId as string))).toEqual(new Set([...bus, ...table]));
        expect(state.tape).toHaveLength(new Set([...bus, ...table]).size);
        const lastTwoMinutes = received.filter(at => at >= (Math.floor(clock.at / S / 2) - 59) * 2 * S);
        expect(state.history.reduce((a, b) => a + b, 0)).toBe(lastTwoMinutes.length);
      }),
      {numRuns: 300},
    );
  });

  it('a window counts as a list of times would', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200 * S), {maxLength: 80}), fc.integer({min: 1, max: 120}), (times, width) => {
        const counts = createCounts(120);
        const sorted = times.map(t => START + t).sort((a, b) => a - b);
        for (const at of sorted) counts.add(at);
        const end = sorted.at(-1) ?? START;
        const from = Math.floor(end / S) - width + 1;
        expect(counts.within(width, end)).toBe(sorted.filter(t => Math.floor(t / S) >= from).length);
      }),
    );
  });
});
