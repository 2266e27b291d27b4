import {setTimeout as delay} from 'node:timers/promises';
import {nowMicros} from '../core/time.ts';
import {BATCH_ENTRIES, idMicros, type Stream} from './stream.ts';
import type {StreamCommit} from './stream-commit.ts';
import type {StreamLink} from './stream-link.ts';
import type {StreamPosition} from './stream-position.ts';

const BLOCK_MS = 1000;
/** Between an error and the next attempt. */
const RETRY_MS = 200;

type StreamReaderOptions = {
  readonly stream: Stream;
  readonly position: StreamPosition;
  readonly link: StreamLink;
  readonly commit: StreamCommit;
  /** This worker alone reads the stream: it begins with all that any worker was given and has not acknowledged. */
  readonly alone: boolean;
  /** Why there is no connection; undefined: there is one. */
  readonly connectionError: () => unknown;
  /** Ends it. */
  readonly signal: AbortSignal;
};

/**
 * `0`: entries that this worker was given before and has not acknowledged; `pending`: those of any worker, in their
 * order; `>`: new ones.
 */
type From = '0' | 'pending' | '>';

/** Reads the stream and commits what it reads, batch after batch, until it is stopped. Never rejects. */
export async function readStream(options: StreamReaderOptions): Promise<void> {
  const {stream, position, link, connectionError, signal, alone} = options;
  const first = alone ? 'pending' : '0';
  let from: From = first;
  while (!signal.aborted) {
    try {
      from = await readBatch(options, from);
    } catch (error) {
      if (/NOGROUP|no such key/i.test(String(error))) await stream.ensureGroup().then(position.groupLost, nothing);
      link.down(error, connectionError());
      from = first;
      await delay(RETRY_MS, undefined, {signal}).catch(nothing);
    }
  }
}

/** Gives from where the next batch is read. */
async function readBatch({stream, position, link, commit, alone}: StreamReaderOptions, from: From): Promise<From> {
  const sentAt = nowMicros();
  if (!position.known()) await begin(stream, position);
  if (from === 'pending') {
    const pending = await stream.claim(0, BATCH_ENTRIES);
    if (pending.length > 0) await commit(pending);
    return stream.claimedLast() ? '>' : from;
  }
  // On the same connection before the reading itself, so that no loss up to then goes unseen.
  const state = from === '>' ? stream.state().catch(nothing) : undefined;
  const entries = await stream.read(from, BATCH_ENTRIES, BLOCK_MS);
  const seen = await state;
  if (seen) position.seen(seen);
  link.up();
  if (entries.length > 0) await commit(entries);
  if (from === '>' && position.due()) {
    // A full answer may have more behind it: it holds all that there was until its last entry.
    const at = entries.length < BATCH_ENTRIES ? sentAt : idMicros(entries.at(-1)?.id ?? '0');
    return position.proven(at, await stream.server()) ? '>' : alone ? 'pending' : '0';
  }
  return entries.length === 0 ? '>' : from;
}

/** Makes the group where it is not there, and begins to prove from this server. */
export async function begin(stream: Stream, position: StreamPosition): Promise<void> {
  const server = await stream.server();
  await stream.ensureGroup();
  position.begun(server);
}

const nothing = (): undefined => undefined;
