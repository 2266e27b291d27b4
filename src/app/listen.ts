import {type Subscription, subscribe} from '../bus/subscribe.ts';
import type {Config} from '../config/config.ts';
import type {Log} from '../io/log.ts';
import type {BusCounters} from '../store/bus-counters.ts';
import type {Store} from '../store/store.ts';

/** Subscribes: every event goes to the counters. At most one rejected message a second is logged, so that a flood costs nothing. */
export function listen(config: Config, name: string, counters: BusCounters, store: Store, log: Log): Subscription {
  let loggedAt = Number.NEGATIVE_INFINITY;
  let state = '';
  return subscribe(config.redis, {
    name,
    onEvent: event => {
      counters.ingest(event);
      // The tape moves with its trades; what other messages change is shown with the next full second.
      if (event.kind === 'trades') store.touch();
    },
    onMetric: counters.metric,
    onControl: ({channel, receivedAt, service}) => {
      counters.control(channel, receivedAt, service);
      store.touch();
    },
    onReject: reject => {
      counters.reject(reject);
      store.touch();
      if (performance.now() - loggedAt < 1000) return;
      loggedAt = performance.now();
      const {channel, reason, detail, bytes} = reject;
      log.warn({channel, reason, detail, bytes}, 'message rejected');
    },
    onLink: link => {
      counters.link(link);
      // Reported at every PING; shown soon and logged when it changes.
      if (link.state === state) return;
      store.touch();
      log.info({state: link.state, error: link.error, drops: link.drops}, 'bus');
      state = link.state;
    },
  });
}
