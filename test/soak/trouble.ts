import {setTimeout as delay} from 'node:timers/promises';
import type pg from 'pg';
import type {StartedDemo} from '../../src/demo/start-demo.ts';
import type {FaultProxy} from '../helpers/servers/proxy.ts';
import type {Terminal} from '../helpers/servers/pty.ts';

/** What the troubles of a soak work on. */
export type Scene = {
  readonly demo: StartedDemo;
  /** The superuser's connections to the demo's PostgreSQL, beside the proxy. */
  readonly admin: pg.Pool;
  /** Between the console and the servers. */
  readonly postgres: FaultProxy;
  readonly redis: FaultProxy;
  readonly terminal: Terminal;
};

type Trouble = {readonly name: string; readonly make: (scene: Scene) => Promise<unknown>};

const incident = (name: string): Trouble => ({
  name,
  make: async ({demo}) => {
    demo.toggleIncident(name);
    await delay(25_000);
    demo.toggleIncident(name);
  },
});

/** What happens to a desk and to who watches it, each over within half a minute. */
export const TROUBLES: readonly Trouble[] = [
  {
    name: 'PostgreSQL crashes and recovers',
    // The postmaster restarts everything when a backend is killed.
    make: async ({admin}) => {
      const {rows} = await admin.query(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'tradetop feed' OR usename LIKE 'svc%' LIMIT 1`,
      );
      if (rows[0]) process.kill(rows[0].pid, 'SIGKILL');
      await delay(10_000);
    },
  },
  {
    name: 'PostgreSQL is out of reach',
    make: async ({postgres}) => {
      await postgres.set('refuse');
      await delay(10_000);
      await postgres.set('pass');
    },
  },
  {
    name: 'the path to PostgreSQL is dead',
    make: async ({postgres}) => {
      await postgres.set('blackhole');
      await delay(12_000);
      await postgres.set('pass');
    },
  },
  {
    name: 'Redis is out of reach',
    make: async ({redis}) => {
      await redis.set('reset');
      await delay(10_000);
      await redis.set('pass');
    },
  },
  {
    name: 'both servers are 200 ms away',
    make: async ({postgres, redis}) => {
      await Promise.all([postgres, redis].map(proxy => proxy.set('pass', {latencyMs: 100})));
      await delay(20_000);
      await Promise.all([postgres, redis].map(proxy => proxy.set('pass')));
    },
  },
  {
    name: 'the laptop sleeps',
    make: async ({terminal}) => {
      terminal.kill('SIGSTOP');
      await delay(8000);
      terminal.kill('SIGCONT');
    },
  },
  ...['lock-pile', 'error-burst', 'stopped-sync', 'slow-query', 'limit-breach', 'idle-transaction'].map(incident),
];
