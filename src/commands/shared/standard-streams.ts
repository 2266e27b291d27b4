import {fstatSync, type Stats} from 'node:fs';
import {isatty} from 'node:tty';
import {createTerminalOutput, openAgain, openTerminal, type TerminalOutput} from '../../app/screen/terminal-output.ts';
import {endAsked} from '../../io/signals.ts';

/** What a reader may leave waiting of messages, in bytes; more is dropped, so that a stalled one does not cost memory for ever. */
const MOST_WAITING = 8 << 20;
/** After a signal, so long the reader may take for the last bytes, in milliseconds; else as long as it likes. */
const [LAST_BYTES_MS, FOR_EVER_MS] = [1000, 2 ** 31 - 1];

type Shared = {readonly output: TerminalOutput; gone: unknown};

/**
 * From now on standard output and standard error never wait for a terminal, nor messages for a pipe that nobody reads:
 * while it takes nothing, signals are heard. Files, and a pipe for results alone, stay as they are. The function that is
 * returned resolves when what was written is taken, at the latest a second after a signal that asked the program to end.
 */
export function unblockStreams(): () => Promise<void> {
  // One terminal or pipe has one order of what is written to it.
  const outputs = new Map<string, Shared>();
  for (const fd of [2, 1] as const) {
    const name = nameOf(fd);
    if (name === undefined || (fd === 1 && name.startsWith('pipe') && !outputs.has(name))) continue;
    const shared = outputs.get(name) ?? open(fd);
    if (shared === undefined) continue;
    outputs.set(name, shared);
    const stream = fd === 1 ? process.stdout : process.stderr;
    stream.write = writer(shared, stream, fd === 2 || isatty(fd));
  }
  return async () => {
    const limitMs = endAsked() ? LAST_BYTES_MS : FOR_EVER_MS;
    const all = [...outputs.values()].map(({output}) => output);
    await Promise.all(all.map(output => output.drained(limitMs)));
    for (const output of all) output.close();
  };
}

/** What a standard stream goes to, if that is a terminal or a pipe. */
function nameOf(fd: number): string | undefined {
  let stats: Stats;
  try {
    stats = fstatSync(fd);
  } catch {
    return undefined;
  }
  if (isatty(fd)) return `terminal ${stats.rdev}`;
  return stats.isFIFO() ? `pipe ${stats.dev} ${stats.ino}` : undefined;
}

function open(fd: number): Shared | undefined {
  const opened = isatty(fd) ? openTerminal(fd) : openAgain(fd);
  if (opened === undefined) return undefined;
  const onError = (error: unknown): void => {
    shared.gone = error;
  };
  const shared: Shared = {gone: undefined, output: createTerminalOutput({fd: opened, onDrain: () => {}, onError})};
  return shared;
}

type Done = (error?: Error | null) => void;

/** Messages that nobody takes may be dropped, results may not; who has closed a pipe for results wants no more of them. */
const writer =
  (shared: Shared, stream: NodeJS.WriteStream, message: boolean): NodeJS.WriteStream['write'] =>
  (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const {output, gone} = shared;
    if (gone !== undefined && !message) stream.emit('error', gone);
    if (!message || output.waiting() < MOST_WAITING) {
      output.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    }
    const called = typeof encoding === 'function' ? encoding : done;
    if (called) process.nextTick(called);
    return true;
  };
