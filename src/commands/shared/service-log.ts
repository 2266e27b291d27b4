import pino from 'pino';
import {type Log, openLog} from '../../io/log.ts';

/**
 * The log of a service: JSON lines to its file, else to stderr. A service does not wait for a terminal that takes nothing:
 * there its lines go the way of everything else.
 */
export function serviceLog(file: string | undefined): Log {
  if (file !== undefined) return openLog(file);
  const to = process.stderr.isTTY
    ? {write: (line: string) => void process.stderr.write(line)}
    : pino.destination({dest: 2, sync: true});
  return pino({base: {pid: process.pid}, timestamp: pino.stdTimeFunctions.isoTime}, to);
}
