import type {Severity} from '../core/severity.ts';
import type {About, KnownCheck} from '../model/state.ts';

/** Whether a check has found something. */
export const isViolated = ({status}: Pick<KnownCheck, 'status'>): boolean => status === 'fail' || status === 'warn';

/** What is so by intention on the demo's servers, which nobody keeps. */
const DEMO = 'health_durability';

/** Whether a check has found something that its readers are to be told. */
export const isToldBad = (
  check: Pick<KnownCheck, 'id' | 'status'>,
  {environment}: Pick<About, 'environment'>,
): boolean => isViolated(check) && (environment !== 'demo' || check.id !== DEMO);

/** How bad the result of a check is. */
export const checkSeverity = ({status}: Pick<KnownCheck, 'status'>): Severity =>
  status === 'fail' ? 'crit' : status === 'warn' ? 'warn' : 'ok';
