import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';
import {defineConfig} from 'vitest/config';
import {SlowFirst} from './slow-first.ts';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    environment: 'node',
    globalSetup: ['test/helpers/servers/global-setup.ts'],
    pool: 'forks',
    // Tests spend most of their time waiting for servers: with one worker more than cores half of the machine is idle.
    maxWorkers: Math.min(availableParallelism() * 2, 6),
    sequence: {sequencer: SlowFirst},
    testTimeout: 60_000,
    // On a shared machine a time limit can run out by chance: CI runs a failed test once more, and reports the retry.
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 120_000,
    reporters: process.env.TRADETOP_TEST_REPORT
      ? ['default', ['json', {outputFile: process.env.TRADETOP_TEST_REPORT}]]
      : ['default'],
    env: {TZ: 'America/New_York', FORCE_COLOR: '0'},
  },
});
