import {fstatSync} from 'node:fs';
import {isatty} from 'node:tty';
import {createTerminalOutput, openTerminal, type TerminalOutput} from '../../app/screen/terminal-output.ts';
import {endAsked} from '../../io/signals.ts';

/** What a terminal may leave waiting, in bytes; more is dropped, so that a stalled one does not cost memory for ever. */
const MOST_WAITING = 8 << 20;
/** After a signal, so long the terminal may take for the last bytes, in milliseconds; else as long as it likes. */
const [LAST_BYTES_MS, FOR_EVER_MS] = [1000, 2 ** 31 - 1];

/**
 * From now on standard output and standard error never wait for a terminal: while it takes nothing, signals are heard,
 * and one that is gone takes everything. Files and pipes stay as they are. The function that is returned resolves when
 * the terminal has what was written, at the latest a second after a signal that asked the program to end.
 */
export function unblockTerminals(): () => Promise<void> {
  // One terminal has one order of what is written to it.
  const outputs = new Map<number, TerminalOutput>();
  for (const [fd, stream] of [
    [1, () => process.stdout],
    [2, () => process.stderr],
  ] as const) {
    if (!isatty(fd)) continue;
    const {rdev} = fstatSync(fd);
    const output = outputs.get(rdev) ?? open(fd);
    outputs.set(rdev, output);
    stream().write = writer(output);
  }
  return async () => {
    const limitMs = endAsked() ? LAST_BYTES_MS : FOR_EVER_MS;
    await Promise.all([...outputs.values()].map(output => output.drained(limitMs)));
    for (const output of outputs.values()) output.close();
  };
}

const open = (fd: number): TerminalOutput =>
  createTerminalOutput({fd: openTerminal(fd), onDrain: () => {}, onError: () => {}});

type Done = (error?: Error | null) => void;

const writer =
  (output: TerminalOutput): NodeJS.WriteStream['write'] =>
  (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    if (output.waiting() < MOST_WAITING) {
      output.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    }
    const called = typeof encoding === 'function' ? encoding : done;
    if (called) process.nextTick(called);
    return true;
  };
