import {cachesKind} from './kinds/caches.ts';
import {poolsKind} from './kinds/pools.ts';

/** What services say of themselves, beside the desk's events. No stream carries it, and who does not ask for it never sees it. */
export const metricKinds = [poolsKind, cachesKind] as const;
