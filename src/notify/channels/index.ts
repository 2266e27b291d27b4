import type {Receiver} from '../receiver.ts';
import type {Channel} from './channel.ts';
import {emailChannel} from './email.ts';
import {slackChannel} from './slack.ts';
import {telegramChannel} from './telegram.ts';
import {webhookChannel} from './webhook.ts';

/** The channels that messages are sent by; the table allows others, which wait for somebody to write them. */
export const CHANNELS: Readonly<Record<string, Channel>> = {
  email: emailChannel,
  slack: slackChannel,
  telegram: telegramChannel,
  webhook: webhookChannel,
};

/** Why nothing can be sent to a receiver; undefined: something can. */
export function receiverProblem(receiver: Receiver): string | undefined {
  const channel = CHANNELS[receiver.channel];
  if (!channel) return `tradetop sends nothing by ${receiver.channel}: use ${Object.keys(CHANNELS).join(', ')}`;
  return receiver.locked ?? channel.problem(receiver);
}
