import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {Ask} from '../sync/session.ts';

/** Checks of everything that is open, whose sums and reckonings a closing would keep for good. */
const CHECKS = ['verify/data_reckoning', 'verify/data_analytics'] as const;

/** The statements that look for obstacles, in order. */
export const OBSTACLES = ['actions/closing_obstacles', 'sync/differing_trades', ...CHECKS] as const;

/**
 * Why what was executed before a time cannot be closed yet, in a sentence; undefined: it can. `thorough` also reckons
 * everything that is open anew, which may take minutes.
 */
export async function closingObstacle(ask: Ask, before: string, thorough: boolean): Promise<string | undefined> {
  const [first] = await ask('actions/closing_obstacles', [before]);
  if (first) return wordsOf(first);
  const [differing] = await ask('sync/differing_trades', [null, null, null, 1, before]);
  if (differing) {
    return `Row and ledger say different things of trade ${sanitise(String(differing.trade_id), 100)}: see tradetop verify --only data --full.`;
  }
  for (const check of thorough ? CHECKS : []) {
    const wrong = await ask(check, [null]);
    if (wrong.length > 0) {
      return `The check ${check.slice(7)} fails: run tradetop maintain rebuild-analytics, and see tradetop verify --only data --full.`;
    }
  }
  return undefined;
}

function wordsOf({what, n, example}: Raw): string {
  const [number, first] = [Number(n), sanitise(String(example), 100)];
  const trades = `${plural(number, 'trade')} executed before (${first}${number > 1 ? ' and others' : ''})`;
  if (what === 'gap') return `${plural(number, 'gap')} of the synchroniser still to be filled: let tradetop sync run.`;
  if (what === 'quarantine') {
    return `${count(number)} of the trades executed before wait in quarantine (event ${first}): decide by tradetop quarantine.`;
  }
  if (what === 'row')
    return `${trades} not in the ledger: let tradetop sync run, or tradetop maintain rebuild-analytics.`;
  if (what === 'reckoning') return `${trades} not reckoned yet: run tradetop maintain rebuild-analytics.`;
  return `${trades} in the ledger, and without a row: see tradetop verify --only data --full.`;
}
