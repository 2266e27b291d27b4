import {createDecoder, isReject} from '../bus/decode.ts';
import type {SyncCounters} from './counters.ts';
import type {InFlight} from './in-flight.ts';
import {idMicros, type Stream, type StreamEntry} from './stream.ts';
import type {StreamLink} from './stream-link.ts';
import type {StreamPosition} from './stream-position.ts';
import {type SyncEvent, syncEventOf} from './sync-event.ts';

/** Commits entries of the stream and then acknowledges them. */
export type StreamCommit = (entries: readonly StreamEntry[]) => Promise<void>;

export type StreamCommitOptions = {
  /** Acknowledges. */
  readonly stream: Pick<Stream, 'ack'>;
  readonly inFlight: InFlight;
  readonly position: StreamPosition;
  readonly counters: SyncCounters;
  readonly link: StreamLink;
  /** Ends the attempts to commit. */
  readonly limit: AbortSignal;
};

export function createStreamCommit(options: StreamCommitOptions): StreamCommit {
  const {stream, inFlight, position, counters, link, limit} = options;
  const decode = createDecoder();
  const eventsOf = (entries: readonly StreamEntry[]): readonly SyncEvent[] =>
    entries.flatMap(({id, channel, event}) => {
      if (event === undefined) return [];
      const outcome = decode(channel, event);
      if (isReject(outcome)) counters.reject(outcome);
      else counters.event(outcome);
      return isReject(outcome) ? [] : [syncEventOf(outcome, idMicros(id), id)];
    });
  return async entries => {
    position.deleted(entries.filter(entry => entry.event === undefined).map(entry => entry.id));
    if (!(await inFlight.commit(eventsOf(entries), limit))) return;
    // Where this does not arrive Redis gives the entries out again, and the ledger knows them.
    await stream.ack(entries.map(entry => entry.id)).catch(link.note);
  };
}
