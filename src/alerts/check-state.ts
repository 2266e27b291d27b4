import type {Severity} from '../core/severity.ts';
import type {KnownCheck} from '../model/state.ts';

/** Whether a check has found something. */
export const isViolated = ({status}: Pick<KnownCheck, 'status'>): boolean => status === 'fail' || status === 'warn';

/** How bad the result of a check is. */
export const checkSeverity = ({status}: Pick<KnownCheck, 'status'>): Severity =>
  status === 'fail' ? 'crit' : status === 'warn' ? 'warn' : 'ok';
