import {Buffer} from 'node:buffer';
import type {Env} from '../core/env.ts';
import {isInScreen, terminalOf} from '../core/terminal.ts';

/** What is sent to a terminal for its user's clipboard, and, where that is not the whole text, what to say of it. */
export type Copy = {readonly bytes: string; readonly but?: string};

// Terminals and multiplexers refuse longer sequences: xterm's limit is 100,000 bytes of base64, which is four for three.
const MOST_BYTES = 74_000;
// GNU screen passes on no more than 768 bytes at once, and its older versions 256.
const SCREEN_PIECE = 250;

/**
 * The escape sequence (OSC 52) that puts a text into the clipboard of the user's terminal, over SSH too. Inside tmux it is
 * sent twice: plain, for `set-clipboard on`, and wrapped, for `allow-passthrough on`. Inside GNU screen it is wrapped, in
 * pieces; where only TERM speaks of GNU screen, on a host behind it, also plain, since it may be tmux.
 */
export function toClipboard(text: string, env: Env = {}): Copy {
  if (!terminalOf(env).clipboard) {
    return {bytes: '', but: `not copied: a terminal like ${env.TERM} has no clipboard`};
  }
  const whole = Buffer.from(text, 'utf8');
  // What the cut leaves of a character is left out.
  const part = whole
    .subarray(0, MOST_BYTES)
    .toString('utf8')
    .replace(/\ufffd$/u, '');
  const plain = `\u001b]52;c;${Buffer.from(part, 'utf8').toString('base64')}\u0007`;
  const bytes = wrapped(plain, env);
  if (whole.length <= MOST_BYTES) return {bytes};
  return {bytes, but: `copied the first ${part.length} of ${text.length} characters`};
}

function wrapped(plain: string, env: Env): string {
  if (env.TMUX !== undefined) return `${plain}\u001bPtmux;\u001b${plain}\u001b\\`;
  if (!isInScreen(env)) return plain;
  const pieces = plain.match(new RegExp(`[^]{1,${SCREEN_PIECE}}`, 'g')) ?? [];
  return (env.STY === undefined ? plain : '') + pieces.map(piece => `\u001bP${piece}\u001b\\`).join('');
}
