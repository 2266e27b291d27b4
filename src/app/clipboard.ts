import {Buffer} from 'node:buffer';
import type {Env} from '../core/env.ts';

// Terminals and multiplexers refuse longer ones: xterm's limit is 100,000 bytes of base64.
const LIMIT = 60_000;

/**
 * The escape sequence that puts a text into the clipboard of the terminal at the user's end, over SSH too (OSC 52).
 * Inside tmux it is sent twice: as it is, which tmux takes with `set-clipboard on`, and wrapped, which tmux hands to the
 * terminal with `allow-passthrough on`; inside GNU screen wrapped alone.
 */
export function osc52(text: string, env: Env = {}): string {
  const data = Buffer.from(text.slice(0, LIMIT), 'utf8').toString('base64');
  const plain = `\u001b]52;c;${data}\u0007`;
  if (env.TMUX) return `${plain}\u001bPtmux;\u001b${plain}\u001b\\`;
  if (env.STY) return `\u001bP${plain}\u001b\\`;
  return plain;
}
