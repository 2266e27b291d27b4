import {type SafeText, sanitise} from '../core/sanitise.ts';

/** Shorter parts of an address are ordinary words, such as `hook` or `v1`. */
const SHORTEST = 6;

const LONGEST_WORDS = 300;

/**
 * Words of a receiver or a driver without any part of the secret: the whole of it, its user and password, and every longer
 * part of its path and query, as they are and decoded.
 */
export function masked(words: string, secret: string | undefined): SafeText {
  const hidden = partsOf(secret ?? '').reduce((text, part) => text.replaceAll(part, '…'), words);
  return sanitise(hidden, LONGEST_WORDS);
}

function partsOf(secret: string): readonly string[] {
  const url = URL.parse(secret);
  const parts = url
    ? [
        url.password,
        url.username,
        url.pathname,
        url.search,
        ...url.pathname.split(/[/:]/),
        ...url.searchParams.values(),
      ]
    : [];
  const all = [secret, ...parts, ...parts.map(urlDecoded)].filter(part => part.length >= SHORTEST || part === secret);
  return [...new Set(all)].filter(part => part !== '').toSorted((a, b) => b.length - a.length);
}

/** Without its percent signs; as it is where they are no encoding. */
export function urlDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The part of an address that may be shown: protocol, host and port. */
export const shownAddress = (url: URL): SafeText => sanitise(`${url.protocol}//${url.host}`, 200);
