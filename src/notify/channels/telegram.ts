import {textOf} from '../formats.ts';
import {refusedFor} from '../outcome.ts';
import {postJson} from '../post.ts';
import {type Channel, setSecret} from './channel.ts';

const API = 'https://api.telegram.org';
const LONGEST = 3800;

/** A chat of Telegram: the secret is the bot's token, `target` the chat. */
export const telegramChannel: Channel = {
  problem: receiver => {
    if (!receiver.secret()) return setSecret(receiver, 'the bot’s token');
    if (!receiver.target) return 'it has no target, which is the id of the chat';
    return undefined;
  },
  send: async ({secret, target}, message, {origin, limitMs}) => {
    const token = secret();
    if (token === undefined || target === undefined) return refusedFor('it has no token or no chat');
    const url = `${API}/bot${encodeURIComponent(token).replaceAll('%3A', ':')}/sendMessage`;
    const text = `[${origin.environment}] ${textOf(message, origin, LONGEST)}`;
    return postJson({url, json: JSON.stringify({chat_id: target, text}), key: message.key, limitMs});
  },
};
