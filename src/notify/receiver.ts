import type {SafeText} from '../core/sanitise.ts';
import type {Secret} from '../core/secret.ts';
import type {Alert} from '../model/state.ts';
import {ruleOf} from './edges.ts';

/** A row of notification.notification_configs that is enabled. */
export type Receiver = {
  readonly id: string;
  readonly name: SafeText;
  /** Which kind of service carries the messages. */
  readonly channel: string;
  /** Addresses, a chat: what may be shown. */
  readonly target: string | undefined;
  /** Rules, owners or alerts' ids; empty: all. */
  readonly eventTypes: readonly string[];
  readonly minSeverity: string;
  /** The row's version: another one means another row. */
  readonly version: number;
  /** In memory only. */
  readonly secret: Secret;
  /** Why its secret could not be opened. */
  readonly locked: string | undefined;
};

/** Whether an alert is for this receiver: by its severity, and by its rule, its owner or its own id. */
export function isWanted({eventTypes, minSeverity}: Receiver, {id, severity, owner}: Alert): boolean {
  if (minSeverity === 'critical' && severity !== 'crit') return false;
  return eventTypes.length === 0 || [ruleOf(id), owner, id].some(name => eventTypes.includes(name));
}
