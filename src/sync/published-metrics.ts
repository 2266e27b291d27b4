import {Counter, Gauge, type Registry} from 'prom-client';

/** What services publish of themselves, as the endpoint shows it. */
export type PublishedFigures = {
  readonly pools: readonly {
    readonly service: string;
    readonly pool: string;
    readonly instance: string;
    readonly size: number;
    readonly inUse: number;
    readonly waiting: number;
    readonly max: number;
  }[];
  /** Since the start of this process. */
  readonly caches: readonly {
    readonly cache: string;
    readonly hits: number;
    readonly misses: number;
    readonly errors: number;
  }[];
};

type Pool = PublishedFigures['pools'][number];
type Cache = PublishedFigures['caches'][number];

const POOLS: Readonly<Record<string, readonly [help: string, of: (pool: Pool) => number]>> = {
  size: ['Connections that a service’s pool has open', pool => pool.size],
  in_use: ['Connections of a service’s pool that are in use', pool => pool.inUse],
  waiting: ['Calls that wait for a connection of a service’s pool', pool => pool.waiting],
  max: ['Most connections of a service’s pool', pool => pool.max],
};

const CACHES: Readonly<Record<string, readonly [help: string, of: (cache: Cache) => number]>> = {
  hits_total: ['Values that services read from their cache', cache => cache.hits],
  misses_total: ['Values that services had to load', cache => cache.misses],
  errors_total: ['Misses for which Redis did not answer in time', cache => cache.errors],
};

/** Registers the pools and caches that services publish. `figures` undefined: they are not known yet. */
export function registerPublished(registry: Registry, figures: () => PublishedFigures | undefined): void {
  const registers = [registry];
  for (const [name, [help, of]] of Object.entries(POOLS)) {
    const labelNames = ['service', 'pool', 'instance'];
    new Gauge({
      name: `tradetop_pool_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const one of figures()?.pools ?? []) {
          this.set({service: one.service, pool: one.pool, instance: one.instance}, of(one));
        }
      },
    });
  }
  for (const [name, [help, of]] of Object.entries(CACHES)) {
    new Counter({
      name: `tradetop_cache_${name}`,
      help,
      labelNames: ['cache'],
      registers,
      collect() {
        this.reset();
        for (const one of figures()?.caches ?? []) this.inc({cache: one.cache}, of(one));
      },
    });
  }
}
