import type {KnipConfig} from 'knip';

/**
 * What `npm run unused`, a part of `npm run lint`, refuses: files, exports, types and dependencies that nobody uses, and
 * packages that package.json does not list. It asks twice:
 * - `knip` counts the tests as readers;
 * - `knip --production` counts the program alone (the patterns that end in `!`). It refuses an export that only tests
 *   import, unless the docstring says `@internal`: the function is exported for its own unit test. Test through the
 *   public functions of a part where that is possible, and do not export.
 */
const config: KnipConfig = {
  // Knip finds the other entries itself: `bin`, `exports` and `scripts` of package.json, and the files that vitest runs.
  entry: ['src/cli.ts!', 'src/index.ts!'],
  project: ['{src,components}/**/*.{ts,tsx}!', 'test/**/*.{ts,tsx}'],
  // Programs of the operating system that tests start.
  ignoreBinaries: ['age-keygen', 'gpg', 'mkfifo', 'openssl', 'perl', 'pg_activity', 'psql', 'setpriv', 'ssh-keygen'],
};

export default config;
