import type {Check} from './check.ts';
import {DATA_CHECKS} from './data.ts';
import {HEALTH_CHECKS} from './health.ts';
import {SETUP_CHECKS} from './setup.ts';

/** Every check, in the order in which they run: a check is its statement in sql/verify and an entry in one of these. */
export const CHECKS: readonly Check[] = [...SETUP_CHECKS, ...DATA_CHECKS, ...HEALTH_CHECKS];
