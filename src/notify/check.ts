import type {SafeText} from '../core/sanitise.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {receiverProblem} from './channels/index.ts';
import {readReceivers, type SecretKeys} from './receivers.ts';
import {NOTIFY_LOCK, openNotifySession} from './session.ts';

/** What the notifier has, and what it lacks. */
export type NotifyCheck = {
  readonly receivers: readonly {
    readonly name: SafeText;
    readonly channel: string;
    readonly target: SafeText;
    /** What it is told of: `all`, or `critical, database, blocked`. */
    readonly wants: SafeText;
    readonly problem: SafeText | undefined;
  }[];
  /** Statements that give the role what it lacks. */
  readonly grants: readonly SafeText[];
  /** The notifier that is active. */
  readonly active: SafeText | undefined;
};

/** Looks at rights, configurations, secrets and the lock. Sends and changes nothing. Rejects with the driver's error. */
export async function checkNotify(pg: Pg, keys: SecretKeys): Promise<NotifyCheck> {
  const session = await openNotifySession(pg, {looks: true});
  if (!session) throw new TypeError('a session that only looks needs no lock');
  try {
    const grants = (await session.query('notify/rights')).map(({remedy}) => sanitise(String(remedy), 300));
    const [holder] = await session.query('actions/lock_holder', [NOTIFY_LOCK]);
    const active = holder
      ? sanitise(`process ${holder.pid} of ${holder.username ?? 'n/a'}, ${holder.client ?? 'a local socket'}`, 120)
      : undefined;
    const mayRead = !grants.some(grant => /configs|session_secrets/.test(grant));
    const receivers = mayRead ? await readReceivers(session, keys) : [];
    return {
      grants,
      active,
      receivers: receivers.map(receiver => {
        const {name, channel, target, minSeverity, eventTypes} = receiver;
        const problem = receiverProblem(receiver);
        const only = minSeverity === 'critical' ? ['critical'] : [];
        return {
          name,
          channel,
          target: sanitise(target ?? '', 100),
          wants: sanitise([...only, ...eventTypes].join(', ') || 'all', 200),
          problem: problem === undefined ? undefined : sanitise(problem, 300),
        };
      }),
    };
  } finally {
    session.close();
  }
}
