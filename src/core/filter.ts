/** A filter that was read: the test for a row's text, or why it is not valid. */
export type Filter =
  | {readonly ok: true; readonly test: (text: string) => boolean}
  | {readonly ok: false; readonly error: string};

const ALL: Filter = {ok: true, test: () => true};
// Only so much of a row's text is searched: a slow expression over long queries would block the screen.
const REACH = 1000;

/**
 * Reads what a person typed after `/`. A text matches without regard to case, `!text` keeps the rows without it, `re:x`
 * and `!re:x` take a regular expression. An empty filter matches everything.
 */
export function parseFilter(text: string): Filter {
  const inverse = text.startsWith('!');
  const body = (inverse ? text.slice(1) : text).trim();
  if (body === '' || body === 're:') return ALL;
  const matches = body.startsWith('re:') ? expression(body.slice(3)) : substring(body);
  if (typeof matches === 'string') return {ok: false, error: matches};
  return {ok: true, test: row => matches(row.slice(0, REACH)) !== inverse};
}

function substring(body: string): (row: string) => boolean {
  const wanted = body.toLowerCase();
  return row => row.toLowerCase().includes(wanted);
}

function expression(source: string): string | ((row: string) => boolean) {
  try {
    const pattern = new RegExp(source, 'iu');
    return row => pattern.test(row);
  } catch (error) {
    const words = (error as Error).message.split(': ').at(-1) ?? 'not valid';
    return `not a regular expression: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
  }
}
