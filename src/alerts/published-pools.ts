import type {SafeText} from '../core/sanitise.ts';
import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';
import type {PublishedPool} from '../model/bus-state.ts';
import {judgeBy, LIMITS, limitsIn} from './limits.ts';
import type {Seen} from './rule.ts';

/** The pools of a service, all its processes together. */
export type ServicePools = {
  readonly service: SafeText;
  readonly size: number;
  readonly inUse: number;
  readonly waiting: number;
  readonly max: number;
  /** Since when and for how many seconds its messages have said that somebody waits; undefined: nobody does. */
  readonly since: Micros | undefined;
  readonly seconds: number;
  /** The pool whose callers have waited longest. */
  readonly worst: PublishedPool | undefined;
};

/** The name under which a service's sessions and its pools meet: `execution` for `postgres/execution`, `sync` for `tradetop_sync`. */
const plainName = (service: string): string => service.replace(/^.*\//s, '').replace(/^(?:svc_|tradetop[_ ])/, '');

/** The pools that services publish, by service. */
export function servicePools({bus: {published = []}}: Pick<Seen, 'bus'>): readonly ServicePools[] {
  const groups = Map.groupBy(published, ({service}) => plainName(service));
  return [...groups.values()].map(pools => {
    const sum = (of: (pool: PublishedPool) => number): number => pools.reduce((total, pool) => total + of(pool), 0);
    const waitedBy = ({at, waitingSince}: PublishedPool): number =>
      waitingSince === undefined ? 0 : at - waitingSince;
    const worst = pools
      .filter(pool => pool.waitingSince !== undefined)
      .toSorted((a, b) => waitedBy(b) - waitedBy(a))[0];
    return {
      service: (pools[0] as PublishedPool).service,
      size: sum(pool => pool.size),
      inUse: sum(pool => pool.inUse),
      waiting: sum(pool => pool.waiting),
      max: sum(pool => pool.max),
      since: worst?.waitingSince,
      seconds: worst === undefined ? 0 : waitedBy(worst) / 1e6,
      worst,
    };
  });
}

/** The published pools of the service that a row of sessions is about. */
export const poolsOfService = (pools: readonly ServicePools[], service: string): ServicePools | undefined =>
  pools.find(one => plainName(one.service) === plainName(service));

/** How bad it is that callers wait for a connection. */
export const poolSeverity = (seen: Pick<Seen, 'limits'>, {seconds}: ServicePools): Severity =>
  judgeBy(seconds, limitsIn(seen, 'pool_exhausted', LIMITS.poolWait), undefined);

/** `pool 3/5, 2 wait`. */
export const poolWords = ({inUse, max, waiting}: ServicePools): string =>
  `pool ${inUse}/${max}${waiting > 0 ? `, ${waiting} wait` : ''}`;
