import type {BusLink, DeskEvent, MetricEvent, Reject} from '../bus/event.ts';
import type {SafeText} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {BusState} from '../model/bus-state.ts';
import type {TradeRow} from '../monitor/trades.ts';
import {createChannels, createLinkHistory, createMarks, createRejects} from './bus-parts.ts';
import {createPublished} from './published.ts';
import {createTradeCounters} from './trade-counters.ts';

/**
 * The hot lane: every event changes a few numbers in place. `snapshot` makes what the screen needs, at most once a
 * frame; unchanged parts are the same objects as before.
 */
export type BusCounters = {
  readonly ingest: (event: DeskEvent) => void;
  /** What a service says of itself. */
  readonly metric: (event: MetricEvent) => void;
  readonly reject: (reject: Reject) => void;
  /** Counts a message that is for services alone, by its channel, receipt and publisher. */
  readonly control: (channel: SafeText, receivedAt: Micros, service: SafeText) => void;
  readonly link: (link: BusLink) => void;
  /**
   * Takes in rows of execution.trades, at the start and after every reading of the table. A row that was executed after
   * the first subscription, is older than `graceMs` and did not arrive on the bus counts as missed and goes on the
   * tape.
   */
  readonly fill: (rows: readonly TradeRow[]) => void;
  readonly snapshot: (at: Micros) => BusState;
};

export type BusCountersOptions = {
  /** Rows on the tape. Default 500. */
  readonly capacity?: number;
  /** Identities of trades to remember at least; at most twice as many. Default 100,000. */
  readonly identities?: number;
  /** Milliseconds that the bus may lag behind the table. Default 5,000. */
  readonly graceMs?: number;
  /** Channels to list before a message arrived on them. */
  readonly expected?: readonly SafeText[];
  /** Most channels and symbols to keep. Default 64 and 5,000. */
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
  const published = createPublished();
  const links = createLinkHistory(startedAt);
  const channels = createChannels(options.expected ?? [], options.channels ?? 64);
  return {
    ingest: event => {
      channels.add(event.channel, event.receivedAt, event.service);
      if (event.kind === 'trades') trades.ingest(event);
      else if (event.kind === 'market_data') marks.add(event);
    },
    metric: published.add,
    reject: reject => {
      channels.add(reject.channel, reject.at);
      rejects.add(reject);
    },
    control: channels.add,
    link: links.next,
    fill: rows => trades.fill(rows, now(), links.firstReady()),
    snapshot: at => {
      const since = links.firstReady() ?? startedAt;
      return {
        link: links.link(),
        ...trades.state(at, since),
        channels: channels.rows(at, since),
        ...rejects.state(),
        gaps: links.gaps(),
        marks: marks.map(),
        quiet: marks.quiet(at),
        ...published.state(at),
      };
    },
  };
}
