// Draws the README's picture: the demo in a pseudo-terminal of 132×36, 45 seconds after its first screen, as SVG with colours.
import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {openTerminal} from '../helpers/servers/pty.ts';
import {svgOf} from '../helpers/servers/svg.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const terminal = openTerminal(process.execPath, [`${root}dist/tradetop.js`, 'demo', '--seed', '7'], {
  columns: 132,
  rows: 36,
});
await terminal.sees(/Connection health/, 120_000);
const seconds = Number(process.argv[2] ?? 45);
await new Promise(done => setTimeout(done, seconds * 1000));
writeFileSync(`${root}test/screens/console.svg`, svgOf(terminal.emulator));
terminal.type('q');
await terminal.ended(20_000);
process.stdout.write('test/screens/console.svg\n');
