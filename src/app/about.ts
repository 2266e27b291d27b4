import {readViews} from '../../components/views.ts';
import {checkedAlerts} from '../alerts/settings.ts';
import type {Config} from '../config/config.ts';
import {sanitise} from '../core/sanitise.ts';
import {wantsColour} from '../core/terminal.ts';
import {pgName, redisName} from '../io/targets.ts';
import type {About} from '../model/state.ts';

/** What a console does not change. Throws a UserError where the config file's alerts are wrong. */
export function aboutOf(config: Config): About {
  return {
    environment: config.environment,
    trading: pgName(config.trading),
    redis: redisName(config.redis),
    user: sanitise(config.trading.user),
    slowMs: config.slowMs,
    ascii: config.ascii,
    colour: wantsColour(process.env),
    alerts: checkedAlerts(config.alerts),
    views: readViews(config.views),
  };
}
