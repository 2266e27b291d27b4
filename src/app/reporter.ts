import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import {packageVersion} from '../io/package-dir.ts';
import {openPg} from '../io/pg.ts';
import {makePrivateDir} from '../io/private-dir.ts';
import {replaceFile} from '../io/replace-file.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {stateDir} from '../io/state-dir.ts';
import type {State} from '../model/state.ts';
import type {DeskReport} from '../report/document.ts';
import {makeReport, REPORT_PG} from '../report/make-report.ts';
import {reportMarkdown} from '../report/markdown.ts';
import type {Store} from '../store/store.ts';
import {makeIncidentFolder, noReport, writeIncidentFolder} from './incident-folder.ts';

/** The span of a console's report. */
const SHIFT = '8h';

/** So long all sources may take to be read anew for an incident, in milliseconds. */
const READ_MS = 6000;

/** What the console does with reports: reads one, writes it to a file, writes an incident's folder. */
export type Reporter = Readonly<Record<'read' | 'write' | 'incident', () => Promise<void>>>;

/** Reads a report on a connection of its own, which ends with it. Throws as `makeReport` does. */
export async function readReport(config: Config, sql: SqlLibrary): Promise<DeskReport> {
  const pg = openPg(config.trading, sql, {name: 'tradetop report', ...REPORT_PG, reads: 'as monitor'});
  try {
    return await makeReport(pg, {since: SHIFT});
  } finally {
    await pg.close();
  }
}

/** Makes the console's reporter. `refresh`: reads every source now. Where something fails, a note on the screen says why. */
export function createReporter(
  config: Config,
  sql: SqlLibrary,
  store: Store,
  log: Pick<Log, 'info'>,
  refresh: () => void,
): Reporter {
  const say = (text: string): void => {
    log.info({text}, 'report');
    store.setUi({...store.get().ui, note: {text: sanitise(text, 300), at: nowMicros()}});
  };
  const saying = (work: () => Promise<string | undefined>) => async (): Promise<void> => {
    const text = await work().catch((error: unknown) => failureOf(error).message);
    if (text !== undefined) say(text);
  };
  return {
    read: async () => {
      const reading: State['report'] = {phase: 'reading'};
      store.setReport(reading);
      const shown = await readReport(config, sql).then(
        (report): State['report'] => ({phase: 'read', report}),
        (error: unknown): State['report'] => {
          const {message, next} = failureOf(error);
          return {phase: 'refused', why: sanitise(message, 300), next: sanitise(next, 300)};
        },
      );
      // Another may have been asked for meanwhile.
      if (store.get().report === reading) store.setReport(shown);
    },
    write: saying(async () => {
      const {report} = store.get();
      if (report?.phase !== 'read') return 'there is no report yet';
      const dir = join(stateDir(), 'reports');
      makePrivateDir(dir);
      const path = join(dir, `hand-over-${report.report.made_at.slice(0, 19).replaceAll(':', '-')}.md`);
      replaceFile(path, reportMarkdown(report.report));
      return `written to ${path}`;
    }),
    incident: saying(async () => {
      const dir = makeIncidentFolder(undefined);
      const report = await readReport(config, sql).catch(noReport);
      const state = await readAnew(store, refresh);
      writeIncidentFolder(dir, {config, state, report, version: packageVersion()});
      return `written to ${dir}`;
    }),
  };
}

/** The State after every source was read once more, or as far as they came in time. */
async function readAnew(store: Store, refresh: () => void): Promise<State> {
  const asked = nowMicros();
  const limit = performance.now() + READ_MS;
  refresh();
  while (performance.now() < limit && !isRead(store.now(), asked)) await delay(50);
  return store.now();
}

const isRead = ({samples}: State, since: Micros): boolean =>
  Object.values(samples).every(({at = 0, lastFailure}) => Math.max(at, lastFailure?.at ?? 0) >= since);
