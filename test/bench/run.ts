// npm run bench [-- NAME…]: runs every *.bench.ts beside this file, or the named ones; prints a table, then JSON.
import {readdirSync} from 'node:fs';
import {arch, cpus, platform} from 'node:os';
import {fileURLToPath} from 'node:url';
import {type Bench, type Figure, tableOf} from './report.ts';

const dir = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const names = readdirSync(dir)
  .filter(file => file.endsWith('.bench.ts'))
  .map(file => file.replace('.bench.ts', ''))
  .filter(name => wanted.length === 0 || wanted.includes(name));
const figures: Figure[] = [];
const failed: string[] = [];
for (const name of names) {
  process.stderr.write(`${name}\n`);
  try {
    const {bench} = (await import(`./${name}.bench.ts`)) as {readonly bench: Bench};
    await bench({
      row: figure => figures.push({bench: name, ...figure}),
      log: line => process.stderr.write(`  ${line}\n`),
    });
  } catch (error) {
    failed.push(name);
    process.stderr.write(`  failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
const machine = {
  node: process.versions.node,
  platform: platform(),
  arch: arch(),
  cpus: cpus().length,
  cpu: cpus()[0]?.model ?? '',
};
process.stdout.write(
  `${tableOf(figures)}\n${JSON.stringify({at: new Date().toISOString(), machine, figures, failed}, null, 2)}\n`,
);
process.exit(failed.length > 0 ? 1 : 0);
