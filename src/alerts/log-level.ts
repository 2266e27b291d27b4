import type {Severity} from '../core/severity.ts';

/** How bad a log line of this level is. */
export const levelSeverity = (level: string): Severity =>
  level === 'CRITICAL' ? 'crit' : level === 'ERROR' || level === 'WARNING' ? 'warn' : 'ok';
