// npm run bench [-- NAME… [--markdown]]: runs every *.bench.ts beside this file, or the named ones; prints a table, then JSON;
// with --markdown the table of README, and the machine.

import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {arch, cpus, loadavg, platform, version} from 'node:os';
import {fileURLToPath} from 'node:url';
import {type Bench, type Figure, markdownOf, tableOf} from './report.ts';

const dir = fileURLToPath(new URL('.', import.meta.url));
const markdown = process.argv.includes('--markdown');
const wanted = process.argv.slice(2).filter(word => word !== '--markdown');
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
  os: version(),
  load: loadavg()
    .map(load => load.toFixed(1))
    .join(' '),
  pgActivity: spawnSync('pg_activity', ['--version'], {encoding: 'utf8'}).stdout?.trim(),
};
process.stdout.write(
  markdown
    ? `${markdownOf(figures)}\n\n${JSON.stringify(machine)}\n`
    : `${tableOf(figures)}\n${JSON.stringify({at: new Date().toISOString(), machine, figures, failed}, null, 2)}\n`,
);
process.exit(failed.length > 0 ? 1 : 0);
