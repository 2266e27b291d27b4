import type {Config} from '../config/config.ts';
import {sanitise} from '../core/sanitise.ts';
import {type AccountMask, createAccountMask} from '../io/account-mask.ts';
import type {Alert, State} from '../model/state.ts';

/** The State with account ids masked in its alerts, as the configuration says: for what is sent to people. */
export function alertMasking({maskAccounts}: Pick<Config, 'maskAccounts'>): (state: State) => State {
  if (maskAccounts === undefined) return state => state;
  const mask = createAccountMask(maskAccounts);
  return state => {
    for (const {rows} of Object.values(state.samples)) {
      for (const row of rows as readonly {readonly accountId?: unknown}[]) {
        if (typeof row.accountId === 'string') mask.learn(row.accountId);
      }
    }
    return {...state, alerts: state.alerts.map(alert => maskedAlert(alert, mask))};
  };
}

const maskedAlert = (alert: Alert, {text}: AccountMask): Alert => ({
  ...alert,
  text: sanitise(text(alert.text), 400),
  cause: alert.cause === undefined ? undefined : sanitise(text(alert.cause), 300),
});
