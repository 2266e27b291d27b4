import type {Redis} from 'ioredis';
import {failureOf} from '../core/errors.ts';
import {CHANNEL_PREFIX} from './decode.ts';

/** What the server confirmed. */
export type Subscribed = {readonly channels: number; readonly patterns: number; readonly shards: number};

/** `refused`: why not every channel is heard; `note`: every channel is, but not all that was wished for. */
export type SubscribeOutcome = {readonly held: Subscribed | undefined; readonly refused?: Error; readonly note?: Error};

/**
 * Subscribes: to the pattern `data_sync:*` alone if it may be had, since a channel that is subscribed beside it brings
 * every message twice, which halves what a subscriber can take. Else to each channel by itself, so that one that is
 * refused is named and the others are heard. Never rejects.
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
    note = new Error(`unknown channels are not heard: ${refused.message}`);
  }
  const outcomes = await Promise.all(channels.map(channel => client.subscribe(channel).then(nothing, asError)));
  const refused = outcomes.find(outcome => outcome !== undefined);
  if (refused === undefined)
    return {held: {channels: channels.length, patterns: 0, shards: 0}, ...(note ? {note} : {})};
  const names = channels.filter((_, i) => outcomes[i] !== undefined).join(', ');
  return {held: undefined, refused: new Error(`${refused.message} (${names})`)};
}

/** Subscribes to a sharded channel, on the node that is asked; refused with MOVED where another one owns it. Never rejects. */
export async function subscribeShard(client: Redis, channel: string): Promise<SubscribeOutcome> {
  const refused = await client.ssubscribe(channel).then(nothing, asError);
  return refused === undefined ? {held: {channels: 0, patterns: 0, shards: 1}} : {held: undefined, refused};
}

const nothing = (): undefined => undefined;
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * Whether the server still holds what it confirmed on this very connection (CLIENT INFO, Redis 6.2). Something between
 * may have changed the server behind a connection that stayed. Where it cannot be asked (RESP2, a missing right) it is
 * taken as held: its PINGs watch the connection.
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
