/** Resolves when the other end of a pipe is closed or broken. */
export function ended(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise(resolve => {
    for (const event of ['end', 'error', 'close'] as const) stream.once(event, () => resolve());
    stream.resume();
  });
}
