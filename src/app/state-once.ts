import {setTimeout as delay} from 'node:timers/promises';
import type {Config} from '../config/config.ts';
import type {State} from '../model/state.ts';
import {type LiveOptions, openLive} from './live.ts';

/** Between the two readings of a source with rates, in milliseconds. */
const GAP_MS = 1000;
/** The bus has a connection of its own, whose state counts too: so long it may take to connect, in milliseconds. */
const LINK_MS = 1000;

/**
 * Reads every source once, those with rates twice, and gives the State to `use` before it closes the connections. Rejects
 * with a UserError where a server cannot be used and `wait` is false.
 */
export async function withStateOnce<T>(
  config: Config,
  options: Pick<LiveOptions, 'name' | 'wait' | 'cached'>,
  use: (state: State) => T,
): Promise<T> {
  const live = await openLive(config, {...options, once: true});
  try {
    await live.once(GAP_MS);
    const limit = performance.now() + LINK_MS;
    while (live.store.get().bus.link.state === 'connecting' && performance.now() < limit) await delay(20);
    return use(live.store.now());
  } finally {
    await live.close();
  }
}
