import {failureOf} from '../core/errors.ts';
import {CHANNELS, receiverProblem} from './channels/index.ts';
import type {Origin} from './formats.ts';
import {masked} from './masked.ts';
import type {Message} from './message.ts';
import {failedFor, refusedFor, type SendOutcome} from './outcome.ts';
import type {Receiver} from './receiver.ts';

/** So long a receiver may take for one message, in milliseconds. */
const SEND_LIMIT_MS = 10_000;

/** Sends a message by the receiver's channel, once. Never rejects. */
export async function sendTo(
  receiver: Receiver,
  message: Message,
  origin: Origin,
  limitMs = SEND_LIMIT_MS,
): Promise<SendOutcome> {
  const problem = receiverProblem(receiver);
  const channel = CHANNELS[receiver.channel];
  if (problem !== undefined || !channel) return refusedFor(problem ?? 'it has no channel');
  try {
    return await channel.send(receiver, message, {origin, limitMs});
  } catch (error) {
    return failedFor(masked(failureOf(error).message, receiver.secret()));
  }
}
