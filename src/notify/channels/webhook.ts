import {webhookJson} from '../formats.ts';
import {refusedFor} from '../outcome.ts';
import {postJson} from '../post.ts';
import type {Receiver} from '../receiver.ts';
import {type Channel, setSecret} from './channel.ts';

/** The secret is the address; one that holds no secret may stand in `target`. */
const addressOf = ({secret, target}: Receiver): string | undefined =>
  secret() ?? (target !== undefined && /^https?:/.test(target) ? target : undefined);

/** A program of one's own: each message is a JSON document, sent by POST. */
export const webhookChannel: Channel = {
  problem: receiver => problemOf(receiver, addressOf(receiver)),
  send: async (receiver, message, {origin, limitMs}) => {
    const url = addressOf(receiver);
    if (url === undefined) return refusedFor('it has no address');
    return postJson({url, json: webhookJson(message, origin), key: message.key, limitMs});
  },
};

/** What is wrong with an address that messages are posted to. */
export function problemOf(receiver: Receiver, address: string | undefined): string | undefined {
  if (address === undefined) return setSecret(receiver, 'its address');
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'its address is no http or https URL';
  return undefined;
}
