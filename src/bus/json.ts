/** JSON with its numbers as the digits they were written with, or a sentence that says what is wrong with it. */
export type Exact = {readonly value: unknown} | {readonly wrong: string};

type Reviver = (key: string, value: unknown, context: {readonly source?: string}) => unknown;
const keepDigits: Reviver = (_key, value, {source}) =>
  typeof value === 'number' && source !== undefined ? source : value;

/** Parses JSON without passing a number through a float. Never throws, whatever the text. */
export function parseExact(text: string): Exact {
  try {
    return {value: JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)};
  } catch (error) {
    return {wrong: pythonNumber(text) ?? `not JSON: ${(error as Error).message}`};
  }
}

const MARK = '\u0000';

/** Names the first NaN, Infinity or -Infinity, which Python's json.dumps writes and JSON does not have. */
function pythonNumber(text: string): string | undefined {
  if (!/NaN|Infinity/.test(text)) return undefined;
  try {
    const found = firstMarked(JSON.parse(markTokens(text)), '', 0);
    return found && `${found}, which is not JSON (json.dumps writes it unless allow_nan=False is set)`;
  } catch {
    return undefined;
  }
}

// Wraps the tokens in strings that begin with a NUL, which no valid JSON text holds. One pass over any text.
function markTokens(text: string): string {
  let out = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      continue;
    }
    const token = ['NaN', 'Infinity', '-Infinity'].find(name => text.startsWith(name, i));
    if (!token) continue;
    out += `${text.slice(from, i)}"\\u0000${token}"`;
    i += token.length - 1;
    from = i + 1;
  }
  return out + text.slice(from);
}

function firstMarked(value: unknown, path: string, depth: number): string | undefined {
  if (typeof value === 'string')
    return value.startsWith(MARK) ? `${path || 'the message'}: ${value.slice(1)}` : undefined;
  if (typeof value !== 'object' || value === null || depth > 8) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = firstMarked(inner, path ? `${path}.${key}` : key, depth + 1);
    if (found) return found;
  }
  return undefined;
}
