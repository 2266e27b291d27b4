import type {BusEvent, BusLink, Reject, RejectReason} from '../bus/event.ts';
import type {MarketDataEvent} from '../bus/kinds/market-data.ts';
import {ring} from '../core/ring.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {BusState, ChannelCounts, NumberedReject, QuietSymbol} from '../model/bus-state.ts';
import {type Counts, createCounts} from './counts.ts';
import {createRhythm, type Rhythm} from './rhythm.ts';

type Marks = BusState['marks'];
type Channel = {
  readonly channel: SafeText;
  received: number;
  service: SafeText | undefined;
  readonly rhythm: Rhythm;
  readonly counts: Counts;
};

/**
 * A count a minute: of the last minute, or of the time since the start where that is shorter. Without the scaling, a
 * console that was just started would show a desk that slowly wakes up.
 */
export function perMinute(counts: Counts, at: Micros, since: Micros): number {
  const seconds = Math.min(60, Math.max(1, Math.ceil((at - since) / 1_000_000)));
  return Math.round((counts.within(60, at) * 60) / seconds);
}

/** How far the time of a price, or its bar's, may lie ahead of this machine's clock: a later one would stay for ever. */
const AHEAD: Micros = 5_000_000;

const MOST_QUIET = 50;

/** The last price of each symbol, by the time of its event, for at most `most` symbols. */
export function createMarks(most: number) {
  const marks = new Map<string, {readonly price: string; readonly at: Micros}>();
  const rhythms = new Map<SafeText, Rhythm>();
  let quiet: readonly QuietSymbol[] = [];
  let quietAt = Number.NEGATIVE_INFINITY;
  let shown: Marks = new Map();
  let dirty = false;
  return {
    add: ({data, at, receivedAt}: BusEvent<'market_data', MarketDataEvent>): void => {
      if (Math.max(at, data.at ?? at) > receivedAt + AHEAD) return;
      const last = marks.get(data.symbol);
      if (last === undefined && marks.size >= most) return;
      rhythmOf(rhythms, data.symbol).beat(receivedAt);
      if (last && at < last.at) return;
      marks.set(data.symbol, {price: data.close, at});
      dirty = true;
    },
    map: (): Marks => {
      if (dirty) shown = new Map(marks);
      dirty = false;
      return shown;
    },
    /** The symbols that are quieter than usual; made anew once a second. */
    quiet: (at: Micros): readonly QuietSymbol[] => {
      if (at >= quietAt && at - quietAt < 1_000_000) return quiet;
      quietAt = at;
      quiet = quietOf(rhythms, at);
      return quiet;
    },
  };
}

function rhythmOf(rhythms: Map<SafeText, Rhythm>, symbol: SafeText): Rhythm {
  let rhythm = rhythms.get(symbol);
  if (rhythm === undefined) {
    rhythm = createRhythm();
    rhythms.set(symbol, rhythm);
  }
  return rhythm;
}

function quietOf(rhythms: ReadonlyMap<SafeText, Rhythm>, at: Micros): readonly QuietSymbol[] {
  const found: QuietSymbol[] = [];
  for (const [symbol, rhythm] of rhythms) {
    const [lastAt, usualSeconds] = [rhythm.lastAt(), rhythm.usual()];
    if (lastAt === undefined || usualSeconds === undefined || at - lastAt <= usualSeconds * 1e6) continue;
    found.push({symbol, lastAt, usualSeconds});
  }
  return found.toSorted((a, b) => a.lastAt - b.lastAt).slice(0, MOST_QUIET);
}

/** Rejected messages: how many for each reason, and the last `most` of them. */
export function createRejects(most = 100) {
  const counts: Record<RejectReason, number> = {
    oversized: 0,
    not_json: 0,
    not_envelope: 0,
    bad_data: 0,
    unknown_type: 0,
    unknown_channel: 0,
  };
  let shown: BusState['rejects'] = {...counts};
  let rejected = 0;
  let shownOf = 0;
  const latest = ring<NumberedReject>(most);
  let rejectList: readonly NumberedReject[] = [];
  return {
    add: (reject: Reject): void => {
      rejected++;
      counts[reject.reason]++;
      latest.push({number: rejected, reject});
    },
    state: () => {
      if (shownOf !== rejected) [shown, rejectList] = [{...counts}, latest.newest()];
      shownOf = rejected;
      return {rejected, rejects: shown, rejectList, lastReject: rejectList[0]?.reject};
    },
  };
}

/** The link and its gaps. A gap is a span without a live subscription; a first try that fails begins one as well. */
export function createLinkHistory(startedAt: Micros) {
  const dead = ({state}: BusLink): boolean => state === 'down' || state === 'denied';
  let link: BusLink = {
    state: 'connecting',
    since: startedAt,
    error: undefined,
    retryAt: undefined,
    drops: 0,
    latencyMs: undefined,
  };
  let firstReady: Micros | undefined;
  let gaps = 0;
  return {
    link: () => link,
    /** Time of the first subscription. */
    firstReady: () => firstReady,
    gaps: () => gaps,
    next: (next: BusLink): void => {
      if (dead(next) && !dead(link)) gaps++;
      else if (next.state === 'ready' && link.state === 'ready') gaps += next.drops - link.drops;
      if (next.state === 'ready') firstReady ??= next.since;
      link = next;
    },
  };
}

/** Messages by channel, rejected ones too: the expected channels and the first others, up to `most` in all. */
export function createChannels(expected: readonly SafeText[], most: number) {
  const make = (channel: SafeText): Channel => ({
    channel,
    received: 0,
    service: undefined,
    rhythm: createRhythm(),
    counts: createCounts(60),
  });
  const channels = new Map<string, Channel>(expected.map(name => [name, make(name)]));
  let shown: readonly ChannelCounts[] = [];
  return {
    /** `service`: who published it, where that is known. */
    add: (name: SafeText, at: Micros, service?: SafeText): void => {
      let channel = channels.get(name);
      if (!channel) {
        if (channels.size >= most) return;
        channel = make(name);
        channels.set(name, channel);
      }
      channel.received++;
      channel.service = service ?? channel.service;
      channel.rhythm.beat(at);
      channel.counts.add(at);
    },
    rows: (at: Micros, since: Micros): readonly ChannelCounts[] => {
      const rows = [...channels.values()].map(({channel, received, service, rhythm, counts}, i) => {
        const row: ChannelCounts = {
          channel,
          received,
          perMinute: perMinute(counts, at, since),
          lastAt: rhythm.lastAt(),
          usualSeconds: rhythm.usual(),
          service,
        };
        const before = shown[i];
        return before?.received === received && before.perMinute === row.perMinute ? before : row;
      });
      if (rows.length !== shown.length || rows.some((row, i) => row !== shown[i])) shown = rows;
      return shown;
    },
  };
}
