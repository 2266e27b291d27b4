import {dirname, join} from 'node:path';
import pino, {type DestinationStream, type Logger} from 'pino';
import type {Env} from '../core/env.ts';
import {makePrivateDir} from './private-dir.ts';
import {stateDir} from './state-dir.ts';

/**
 * Writes JSON lines to a file, never to the screen. Callers log named fields only: drivers' objects contain passwords.
 */
export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'debug' | 'flush'>;

/** The default log file, in XDG's state directory. */
export const defaultLogFile = (env: Env = process.env): string => join(stateDir(env), 'tradetop.log');

/** Opens a log file, readable by its owner only; undefined where it cannot be written. */
export function openLogFile(path: string): DestinationStream | undefined {
  try {
    makePrivateDir(dirname(path));
    const destination = pino.destination({dest: path, sync: true, mkdir: false, mode: 0o600});
    destination.on('error', () => {});
    return destination;
  } catch {
    return undefined;
  }
}

/** Opens the log file. If it cannot be written, the program starts nevertheless and logs nothing. */
export function openLog(path: string = defaultLogFile()): Log {
  const file = openLogFile(path);
  if (file === undefined) return pino({enabled: false});
  return pino({base: {pid: process.pid}, timestamp: pino.stdTimeFunctions.isoTime}, file);
}
