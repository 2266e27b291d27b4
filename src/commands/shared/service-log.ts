import {fstatSync} from 'node:fs';
import pino from 'pino';
import {openProgramLog, type ProgramLog} from '../../app/program-log.ts';
import type {Config} from '../../config/config.ts';
import {openLogFile} from '../../io/log.ts';

/** Longest that the end of a service waits for the last lines of its log, and for its last metrics, in milliseconds. */
export const LAST_MS = 300;

/**
 * The log of a service: JSON lines to the configured file, else to stderr, and rows of logging.system_logs. A service does not
 * wait for a terminal or a pipe that takes nothing: there its lines go the way of everything else.
 */
export function serviceLog(config: Pick<Config, 'trading' | 'logFile' | 'maskAccounts'>, service: string): ProgramLog {
  const also = config.logFile === undefined ? stderrStream() : openLogFile(config.logFile);
  return openProgramLog(config, {service, ...(also ? {also} : {})});
}

const stderrStream = () =>
  process.stderr.isTTY || fstatSync(2).isFIFO()
    ? {write: (line: string) => void process.stderr.write(line)}
    : pino.destination({dest: 2, sync: true});
