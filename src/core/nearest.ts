/** How many characters must be changed, inserted or removed to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word that was probably meant: at most a third of its letters differ. Undefined: none is that near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const typed = word.toLowerCase().slice(0, 60);
  const found = words
    .map(candidate => ({candidate, off: distance(typed, candidate.toLowerCase())}))
    .sort((a, b) => a.off - b.off)[0];
  return found !== undefined && found.off <= Math.max(1, found.candidate.length / 3) ? found.candidate : undefined;
}
