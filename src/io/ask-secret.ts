import type {ReadStream, WriteStream} from 'node:tty';

/**
 * Asks on a terminal for a text that is not shown while it is typed. Resolves with undefined for an empty text and at
 * Ctrl-D; Ctrl-C rejects with `cancelled`. Restores the terminal's mode.
 */
export function askSecret(question: string, input: ReadStream, output: WriteStream): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const wasRaw = input.isRaw;
    const end = (settle: () => void) => {
      input.off('data', onData);
      input.setRawMode(wasRaw);
      input.pause();
      output.write('\n');
      settle();
    };
    const onData = (chunk: Buffer | string) => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') return end(() => resolve(typed === '' ? undefined : typed));
        if (character === '\u0004') return end(() => resolve(undefined));
        if (character === '\u0003') return end(() => reject(new Error('cancelled')));
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character === '\u0015') typed = '';
        else if (character >= ' ') typed += character;
      }
    };
    // Before the question: what is typed as soon as it appears is neither echoed nor a signal.
    input.setRawMode(true);
    input.resume();
    input.on('data', onData);
    output.write(question);
  });
}
