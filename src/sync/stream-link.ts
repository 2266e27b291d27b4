import type {BusLink} from '../bus/event.ts';
import {type LinkInput, nextLink, startLink} from '../bus/link.ts';
import type {SafeText} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';

/** The link's state, as the reading of the stream finds it. */
export type StreamLink = {
  readonly now: () => BusLink;
  /** The stream was read. */
  readonly up: () => void;
  /** Shows an error beside the reading, which works all the same; undefined: it is over. */
  readonly note: (error: unknown) => void;
  /** Reading failed with `error`; `connectionError`: why there is no connection, where there is none. */
  readonly down: (error: unknown, connectionError: unknown) => void;
};

export function createStreamLink(onLink: (link: BusLink) => void, words: (error: unknown) => SafeText): StreamLink {
  let link = startLink(nowMicros());
  const take = (...inputs: readonly LinkInput[]): void => {
    const at = nowMicros();
    link = inputs.reduce((now, input) => nextLink(now, input, at, words), link);
    onLink(link);
  };
  take();
  return {
    now: () => link,
    up: () => {
      if (link.state !== 'ready') take({what: 'ready'});
    },
    note: note => {
      const text = note === undefined ? undefined : words(note);
      if (link.state === 'ready' && link.error !== text) take({what: 'ready', note});
    },
    down: (error, connectionError) => {
      // The first command may come before the first connection.
      if (link.state === 'connecting' && connectionError === undefined && !isReply(error)) return;
      take({what: 'lost'}, {what: 'failed', error: isReply(error) ? error : (connectionError ?? error)});
    },
  };
}

const isReply = (error: unknown): boolean => (error as {name?: unknown} | null)?.name === 'ReplyError';
