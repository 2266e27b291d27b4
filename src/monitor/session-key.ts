import type {Micros} from '../core/time.ts';

/** The key of a session in every pane and alert: a process id alone may be another's by now. */
export const sessionKey = (pid: number, backendStart: Micros | undefined): string => `${pid}/${backendStart ?? ''}`;

/** The session that a key means; undefined: none that is known, as a prepared transaction, which has no process. */
export function sessionOfKey(key: string): {readonly pid: number; readonly backendStart: Micros} | undefined {
  const [, pid, start] = /^(\d+)\/(\d+)$/.exec(key) ?? [];
  return pid === undefined ? undefined : {pid: Number(pid), backendStart: Number(start)};
}
