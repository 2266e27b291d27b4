import type {BusLink, DeskEvent, Reject} from '../bus/event.ts';
import type {SafeText} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {BusState} from '../model/bus-state.ts';
import type {TradeRow} from '../monitor/trades.ts';
import {createChannels, createLine, createMarks, createRejects} from './bus-parts.ts';
import {createTradeCounters} from './trade-counters.ts';

/**
 * The hot lane: every event changes a few numbers in place; what the screen needs is made when it is looked at, at most
 * once a frame, and what has not changed is the same object as before.
 */
export type BusCounters = {
  readonly ingest: (event: DeskEvent) => void;
  readonly reject: (reject: Reject) => void;
  readonly link: (link: BusLink) => void;
  /**
   * Rows of execution.trades: at the start, and whenever the table was read. A row that the bus did not bring though it
   * was executed after the first subscription, and that is older than `graceMs`, counts as missed and comes into the tape.
   */
  readonly fill: (rows: readonly TradeRow[]) => void;
  readonly snapshot: (at: Micros) => BusState;
};

export type BusCountersOptions = {
  /** Rows on the tape. Default 500. */
  readonly capacity?: number;
  /** Identities of trades that are remembered at least; at most twice as many. Default 100,000. */
  readonly identities?: number;
  /** How much later than the table the bus may be. Default 5,000. */
  readonly graceMs?: number;
  /** Channels that are listed before anything came on them. */
  readonly expected?: readonly SafeText[];
  /** Channels and symbols that are kept. Default 64 and 5,000. */
  readonly channels?: number;
  readonly symbols?: number;
  readonly now?: () => Micros;
};

export function createBusCounters(options: BusCountersOptions = {}): BusCounters {
  const {capacity = 500, identities = 100_000, graceMs = 5000, now = nowMicros} = options;
  const startedAt = now();
  const trades = createTradeCounters({capacity, identities, graceMs});
  const marks = createMarks(options.symbols ?? 5000);
  const rejects = createRejects();
  const line = createLine(startedAt);
  const channels = createChannels(options.expected ?? [], options.channels ?? 64);
  return {
    ingest: event => {
      channels.add(event.channel, event.receivedAt);
      if (event.kind === 'trades') trades.ingest(event);
      else if (event.kind === 'market_data') marks.add(event);
    },
    reject: reject => {
      channels.add(reject.channel, reject.at);
      rejects.add(reject);
    },
    link: line.next,
    fill: rows => trades.fill(rows, now(), line.firstReady()),
    snapshot: at => {
      const since = line.firstReady() ?? startedAt;
      return {
        link: line.link(),
        ...trades.state(at, since),
        channels: channels.rows(at, since),
        ...rejects.state(),
        gaps: line.gaps(),
        marks: marks.map(),
      };
    },
  };
}
