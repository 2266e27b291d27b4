import type {Acting, Outcome, Plan} from '../actions/action.ts';
import type {Gate} from '../actions/gate.ts';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {PlanRequest} from '../input/effect.ts';
import type {Store} from '../store/store.ts';

/** Leads one action at a time from the key to its end, and keeps the screen told. */
export type ActionRunner = {
  readonly plan: (request: PlanRequest) => void;
  /** Runs what the dialog shows. */
  readonly confirm: () => void;
  /** Cancels the running statement on the server; it ends when the server says so. */
  readonly cancel: () => void;
  /** Takes the dialog's action away: not begun, or ended. A running one stays. */
  readonly dismiss: () => void;
  /** Cancels what runs and waits for its end, so that nothing goes on unseen. */
  readonly close: () => Promise<void>;
};

export function createActionRunner(gate: Gate, store: Pick<Store, 'setActing'>, onEnd: () => void): ActionRunner {
  let acting: Acting | undefined;
  let running: Promise<unknown> | undefined;
  let stop: AbortController | undefined;
  let turn = 0;
  const show = (next: Acting | undefined) => {
    acting = next;
    store.setActing(next);
  };

  async function prepare(mine: number, begun: Acting): Promise<void> {
    const plan: Plan | SafeText = await gate
      .plan(begun.actionId, begun.target)
      .catch((error: unknown) => sanitise(failureOf(error).message));
    if (mine !== turn) return;
    if (typeof plan === 'string') show({...begun, phase: 'ended', outcome: failed(plan)});
    // From here on the dialog can be read: what was typed before does not confirm it.
    else show({...begun, phase: 'confirm', plan, targetName: plan.targetName, title: plan.title, since: nowMicros()});
  }

  async function execute(plan: Plan, begun: Acting, signal: AbortSignal): Promise<void> {
    const outcome = await gate
      .run(plan, {
        signal,
        onProgress: progress => {
          if (acting?.phase === 'running') show({...acting, progress});
        },
      })
      .catch((error: unknown) => failed(sanitise(failureOf(error).message)));
    show({...begun, phase: 'ended', outcome, since: nowMicros()});
    onEnd();
  }

  return {
    plan: ({actionId, title, target, name}) => {
      if (acting?.phase === 'running') return;
      turn++;
      const begun: Acting = {
        phase: 'planning',
        actionId,
        title,
        target,
        targetName: name,
        plan: undefined,
        progress: undefined,
        outcome: undefined,
        since: nowMicros(),
      };
      show(begun);
      void prepare(turn, begun);
    },
    confirm: () => {
      const plan = acting?.plan;
      if (acting?.phase !== 'confirm' || !plan || plan.refusal) return;
      const begun: Acting = {...acting, phase: 'running', since: nowMicros()};
      stop = new AbortController();
      show(begun);
      running = execute(plan, begun, stop.signal);
    },
    cancel: () => stop?.abort(),
    dismiss: () => {
      if (acting?.phase === 'running') return;
      turn++;
      show(undefined);
    },
    close: async () => {
      turn++;
      stop?.abort();
      await running;
    },
  };
}

const failed = (summary: SafeText): Outcome => ({
  outcome: 'failed',
  summary,
  sql: [],
  ms: 0,
  rows: undefined,
  notices: [],
  auditId: undefined,
});
