import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';
import {defineConfig} from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    environment: 'node',
    globalSetup: ['test/helpers/servers/global-setup.ts'],
    pool: 'forks',
    // Most of a test's time is waiting for a server to notice what was done to it.
    maxWorkers: Math.min(availableParallelism() + 1, 4),
    testTimeout: 60_000,
    // On a shared machine a limit can run out for no fault of ours: CI tries a failed test once more, and names it.
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 120_000,
    reporters: process.env.TRADETOP_TEST_REPORT
      ? ['default', ['json', {outputFile: process.env.TRADETOP_TEST_REPORT}]]
      : ['default'],
    env: {TZ: 'America/New_York', FORCE_COLOR: '0'},
  },
});
