import {type KeeperJob, runKeeper} from '../demo/keeper.ts';
import {defineCommand} from './command.ts';

const job: KeeperJob = {
  setUp: async ({postgres, redis}) => ({
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    PGSSLMODE: 'disable',
    TRADING_DB_NAME: 'postgres',
    TRADING_DB_USER: postgres.user,
    TRADING_DB_PASSWORD: postgres.password,
    REDIS_URL: redis.url,
    TRADETOP_ENVIRONMENT: 'demo',
  }),
  services: () => [],
};

/** The process that holds a demo's servers; started by `tradetop demo`, which it outlives only to clear up. */
export const command = defineCommand({
  name: 'demo-keeper',
  summary: 'holds the servers of a demo (started by demo)',
  flags: {},
  hidden: true,
  run: async () => {
    const code = await runKeeper(job, {input: process.stdin, output: process.stdout});
    // A service or an installer that still holds a pipe must not keep the keeper.
    process.exit(code);
  },
});
