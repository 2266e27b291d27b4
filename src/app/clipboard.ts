import {Buffer} from 'node:buffer';
import type {Env} from '../core/env.ts';

// Terminals and multiplexers refuse longer sequences: xterm's limit is 100,000 bytes of base64.
const MAX_LENGTH = 60_000;

/**
 * The escape sequence (OSC 52) that puts a text into the clipboard of the user's terminal, over SSH too. Inside tmux it is
 * sent twice: plain, for `set-clipboard on`, and wrapped, for `allow-passthrough on`; inside GNU screen only wrapped.
 */
export function osc52(text: string, env: Env = {}): string {
  const data = Buffer.from(text.slice(0, MAX_LENGTH), 'utf8').toString('base64');
  const plain = `\u001b]52;c;${data}\u0007`;
  if (env.TMUX) return `${plain}\u001bPtmux;\u001b${plain}\u001b\\`;
  if (env.STY) return `\u001bP${plain}\u001b\\`;
  return plain;
}
