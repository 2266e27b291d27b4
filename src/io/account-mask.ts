import {createHmac} from 'node:crypto';
import {isDigits, parseWithDigits} from '../core/json-digits.ts';
import type {Secret} from '../core/secret.ts';

/**
 * How account ids are masked. `last3`: their last three characters are kept. `hash`: a keyed hash takes their place, so that
 * lines of one account can be joined, and nobody without the key can tell whose they are.
 */
export type AccountMasking = {readonly mode: 'last3'} | {readonly mode: 'hash'; readonly key: Secret};

/** Masks account ids. It knows those that it has seen in fields, or was told of, and finds them in texts, too. */
export type AccountMask = {
  readonly learn: (id: string) => void;
  /** A text with the ids masked that are known, or that stand behind a word such as `account_id=`. */
  readonly text: (text: string) => string;
  /** A line of JSON: fields whose names say that they hold an account, and those ids wherever else they stand in it. */
  readonly line: (line: string) => string;
};

/** The most ids that are known at a time; the oldest gives way. */
const MOST = 5000;
/** A shorter id cannot be told from an ordinary word, but in a field of its own. */
const SHORTEST = 4;
const DIGITS = 12;

const NAME = /^accounts?$|^accounts?_?ids?$/i;
// `account_id=ACC-1`, and the same in JSON that stands in a text.
const NAMED = /(\baccount(?:_?id)?["']?\s*[=:]\s*["']?)([^\s"',;)}\]]+)/gi;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}_.:/-]*[\p{L}\p{N}]/gu;

/** Makes a mask. It keeps at most 5,000 ids, in memory alone. */
export function createAccountMask(masking: AccountMasking): AccountMask {
  const known = new Map<string, string>();
  // Those that are no single word.
  const odd = new Set<string>();
  const masked = (id: string): string => {
    if (masking.mode === 'last3') return id.length > 3 ? `***${id.slice(-3)}` : '***';
    return `account-${createHmac('sha256', masking.key() ?? '')
      .update(id)
      .digest('hex')
      .slice(0, DIGITS)}`;
  };
  const learn = (id: string): void => {
    if (id.length < SHORTEST || known.has(id)) return;
    if (known.size >= MOST) {
      const oldest = known.keys().next().value as string;
      known.delete(oldest);
      odd.delete(oldest);
    }
    known.set(id, masked(id));
    if (id.replace(WORD, '') !== '') odd.add(id);
  };
  const text = (words: string): string => {
    let found = words;
    for (const id of odd) found = found.replaceAll(id, masked(id));
    found = found.replace(NAMED, (_, name: string, id: string) => name + (id.startsWith('***') ? id : masked(id)));
    return known.size === 0 ? found : found.replace(WORD, word => known.get(word) ?? parted(word, known));
  };
  const line = (whole: string): string => {
    try {
      const fields = parseWithDigits(whole);
      mapped(fields, '', {id: learn, text: words => words});
      const safe = JSON.stringify(mapped(fields, '', {id: masked, text}));
      return whole.endsWith('\n') ? `${safe}\n` : safe;
    } catch {
      // No JSON, or too deep.
      return text(whole);
    }
  };
  return {learn, text, line};
}

type Mapping = {readonly id: (id: string) => unknown; readonly text: (text: string) => string};

/** A value with every account id and every other text in it put through these. */
function mapped(value: unknown, name: string, to: Mapping): unknown {
  const isId = NAME.test(name);
  if (typeof value === 'string') return isId && value !== '' ? to.id(value) : to.text(value);
  if (typeof value === 'number') return isId ? to.id(String(value)) : value;
  if (isDigits(value)) return isId ? to.id(value.rawJSON) : value;
  if (Array.isArray(value)) return value.map(each => mapped(each, name, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [to.text(key), mapped(each, key, to)]));
}

/** A word such as `ACC-01/AAPL`, of which a part between marks may be an id. */
function parted(word: string, known: ReadonlyMap<string, string>): string {
  if (!/[:/]/.test(word)) return word;
  return word
    .split(/([:/])/)
    .map(part => known.get(part) ?? part)
    .join('');
}
