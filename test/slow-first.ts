import {BaseSequencer, type TestSpecification} from 'vitest/node';

/**
 * Files that take 20 seconds or more, the slowest first. They begin first: one that began last would keep one worker busy
 * long after the others have ended.
 */
export const SLOW: readonly string[] = [
  'integration/demo/incidents',
  'integration/sync/shards',
  'cli/demo',
  'integration/monitor/traps',
  'integration/sync/cluster',
  'cli/sync',
  'integration/demo/feed',
  'cli/keys',
  'cli/watch',
  'integration/setup/setup-rights',
  'integration/sync/slot',
  'integration/sync/sentinel',
  'integration/sync/postgres-traps',
  'integration/sync/faults-paths',
  'integration/sync/faults',
  'integration/sync/service',
  'integration/sync/redis-address',
  'integration/sync/marking',
  'integration/sync/slot-faults',
  'integration/sync/kill',
  'integration/sync/truth-service',
  'integration/monitor/far',
];

/** The slow files in their order, then the others as vitest orders them. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ordered = await super.sort(files);
    const rank = ({moduleId}: TestSpecification): number => {
      const at = SLOW.findIndex(name => moduleId.endsWith(`/test/${name}.test.ts`));
      return at === -1 ? SLOW.length : at;
    };
    return ordered.toSorted((a, b) => rank(a) - rank(b));
  }
}
