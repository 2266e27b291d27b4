import {UserError} from './errors.ts';
import {sanitise} from './sanitise.ts';

/**
 * How many characters must be changed, inserted, removed or exchanged with their neighbour to make one word of the other.
 */
export function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({length: b.length + 1}, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchange = exchanged ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, exchange, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

/**
 * The word that was probably meant: at most a third of its letters differ, or it is the only one that begins with what
 * was typed. Undefined: none is that near.
 */
function nearest(word: string, words: readonly string[]): string | undefined {
  const typed = word.toLowerCase().slice(0, 60);
  const found = words
    .map(candidate => ({candidate, off: distance(typed, candidate.toLowerCase())}))
    .sort((a, b) => a.off - b.off)[0];
  if (found !== undefined && found.off <= Math.max(1, found.candidate.length / 3)) return found.candidate;
  const begun = words.filter(candidate => typed.length > 1 && candidate.toLowerCase().startsWith(typed));
  return begun.length === 1 ? begun[0] : undefined;
}

/** What to do about a word: that of `words` which was probably meant, else, or where the word itself is right, `otherwise`. */
export function didYouMean(
  word: string,
  words: readonly string[],
  otherwise = `There are: ${words.join(', ')}.`,
): string {
  const meant = words.includes(word) ? undefined : nearest(word, words);
  return meant === undefined ? otherwise : `Did you mean ${meant}?`;
}

/** The refusal of a word that is none of `words`: `There is no pane trade.`, and what to do, as `didYouMean` says. */
export const unknownWord = (what: string, word: string, words: readonly string[], otherwise?: string): UserError =>
  new UserError(`There is no ${what} ${sanitise(word, 80)}.`, didYouMean(word, words, otherwise));
