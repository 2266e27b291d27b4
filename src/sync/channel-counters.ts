import {deskKinds} from '../bus/decode.ts';
import type {DeskEvent} from '../bus/event.ts';
import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import type {SyncStats} from './stats.ts';

type Channel = {received: number; before: number; perSecond: number; lastAt: Micros | undefined};

/** Counts events by channel. Every channel of the desk has a row from the start, that of trades first. */
export function createChannelCounters() {
  const nothing = (): Channel => ({received: 0, before: 0, perSecond: 0, lastAt: undefined});
  const channels = new Map<string, Channel>(deskKinds.toReversed().map(({channel}) => [channel, nothing()]));
  let rolledAt = nowMicros();
  return {
    add: ({channel: name, receivedAt}: Pick<DeskEvent, 'channel' | 'receivedAt'>): void => {
      const channel = channels.get(name) ?? nothing();
      channels.set(name, channel);
      channel.received++;
      channel.lastAt = receivedAt;
    },
    /** Ends an interval of the rates. */
    roll: (): void => {
      const at = nowMicros();
      const seconds = Math.max((at - rolledAt) / 1e6, 0.001);
      rolledAt = at;
      for (const channel of channels.values()) {
        channel.perSecond = Math.round(((channel.received - channel.before) / seconds) * 10) / 10;
        channel.before = channel.received;
      }
    },
    rows: (): SyncStats['channels'] =>
      [...channels].map(([channel, {received, perSecond, lastAt}]) => ({
        channel,
        received,
        per_second: perSecond,
        last_at: lastAt === undefined ? null : isoMicros(lastAt),
      })),
  };
}
