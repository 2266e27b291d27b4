/** Runs what must not break its caller: what it throws is lost, and nothing else. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // Its own result is lost.
  }
}
