import {failureOf} from '../core/errors.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {BusLink} from './event.ts';

/** What happens to a subscription. */
export type LinkInput =
  /** The connection is up and every channel is confirmed. `note`: what the subscription still lacks. */
  | {readonly what: 'ready'; readonly note?: unknown}
  /** The server refused the connection or a channel, or the connection failed; the reason stays until it is ready. */
  | {readonly what: 'failed'; readonly error: unknown}
  /** The connection is gone, or the subscription on it. */
  | {readonly what: 'lost'; readonly error?: unknown}
  | {readonly what: 'retry'; readonly inMs: number}
  | {readonly what: 'pong'; readonly ms: number};

export const startLink = (at: Micros): BusLink => ({
  state: 'connecting',
  since: at,
  error: undefined,
  retryAt: undefined,
  drops: 0,
  latencyMs: undefined,
});

/**
 * The link after `input` at `at`. While it tries again it stays down or denied, since the moment it was lost. `words`
 * turns an error into a message.
 */
export function nextLink(link: BusLink, input: LinkInput, at: Micros, words: (error: unknown) => SafeText): BusLink {
  const to = (state: BusLink['state']) => ({state, since: state === link.state ? link.since : at});
  switch (input.what) {
    case 'ready': {
      const error = input.note === undefined ? undefined : words(input.note);
      return {...link, ...to('ready'), error, retryAt: undefined};
    }
    case 'failed': {
      const state = failureOf(input.error).why === 'denied' ? 'denied' : 'down';
      return {...link, ...to(state), error: words(input.error), latencyMs: undefined};
    }
    case 'lost': {
      if (link.state !== 'ready') return link;
      const error = input.error === undefined ? ('the connection was closed' as SafeText) : words(input.error);
      return {...link, ...to('down'), error, drops: link.drops + 1, latencyMs: undefined};
    }
    case 'retry':
      return {...link, retryAt: at + input.inMs * 1000};
    case 'pong':
      return {...link, latencyMs: input.ms};
  }
}
