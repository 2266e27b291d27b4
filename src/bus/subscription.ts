import type {Redis} from 'ioredis';
import {failureOf} from '../core/errors.ts';
import {CHANNEL_PREFIX} from './decode.ts';

/** The subscriptions that the server confirmed. */
export type Subscribed = {readonly channels: number; readonly patterns: number; readonly shards: number};

/**
 * `refused`: why a channel is missing; `note`: every channel is there, but not everything that was wanted beside them.
 */
export type SubscribeOutcome = {readonly held: Subscribed | undefined; readonly refused?: Error; readonly note?: Error};

/**
 * Subscribes to the pattern `data_sync:*` alone where that is allowed: a channel beside it would deliver every message
 * twice and halve a subscriber's throughput. Otherwise it subscribes to each channel separately, so that the error
 * names a refused channel and the others still work. Never rejects.
 */
export async function subscribeChannels(
  client: Redis,
  channels: readonly string[],
  unknown: boolean,
): Promise<SubscribeOutcome> {
  let note: Error | undefined;
  if (unknown) {
    const refused = await client.psubscribe(`${CHANNEL_PREFIX}*`).then(nothing, asError);
    if (refused === undefined) return {held: {channels: 0, patterns: 1, shards: 0}};
    if (failureOf(refused).why !== 'denied') return {held: undefined, refused};
    note = new Error(`no subscription to unknown channels: ${refused.message}`);
  }
  const outcomes = await Promise.all(channels.map(channel => client.subscribe(channel).then(nothing, asError)));
  const refused = outcomes.find(outcome => outcome !== undefined);
  if (refused === undefined)
    return {held: {channels: channels.length, patterns: 0, shards: 0}, ...(note ? {note} : {})};
  const names = channels.filter((_, i) => outcomes[i] !== undefined).join(', ');
  return {held: undefined, refused: new Error(`${refused.message} (${names})`)};
}

/** Subscribes to a sharded channel on this node; refused with MOVED where another node owns it. Never rejects. */
export async function subscribeShard(client: Redis, channel: string): Promise<SubscribeOutcome> {
  const refused = await client.ssubscribe(channel).then(nothing, asError);
  return refused === undefined ? {held: {channels: 0, patterns: 0, shards: 1}} : {held: undefined, refused};
}

const nothing = (): undefined => undefined;
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * Whether the server still holds the confirmed subscriptions on this connection (CLIENT INFO, Redis 6.2). A proxy may
 * have changed the server behind a connection that stayed. True where CLIENT INFO is not possible (RESP2, a missing
 * right): PINGs watch the connection.
 */
export async function stillSubscribed(client: Redis, held: Subscribed): Promise<boolean> {
  try {
    const info = String(await client.call('CLIENT', 'INFO'));
    const count = (name: string): number => Number(new RegExp(`\\b${name}=(\\d+)`).exec(info)?.[1] ?? Number.NaN);
    return !(count('sub') < held.channels || count('psub') < held.patterns || count('ssub') < held.shards);
  } catch {
    return true;
  }
}
