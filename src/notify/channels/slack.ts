import {textOf} from '../formats.ts';
import {refusedFor} from '../outcome.ts';
import {postJson} from '../post.ts';
import type {Channel} from './channel.ts';
import {problemOf} from './webhook.ts';

/** Slack asks for at most 4,000 characters. */
const LONGEST = 3800;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Slack's incoming webhooks, and whatever takes the same: Mattermost, Rocket.Chat, Discord's /slack. */
export const slackChannel: Channel = {
  problem: receiver => problemOf(receiver, receiver.secret()),
  send: async (receiver, message, {origin, limitMs}) => {
    const url = receiver.secret();
    if (url === undefined) return refusedFor('it has no address');
    const text = `*[${origin.environment}]* ${escaped(textOf(message, origin, LONGEST))}`;
    return postJson({url, json: JSON.stringify({text}), key: message.key, limitMs});
  },
};
