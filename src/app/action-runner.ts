import type {Gate} from '../actions/gate.ts';
import type {Acting, ActionOptions, Outcome, Plan, Progress} from '../actions/plan.ts';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {PlanRequest} from '../input/effect.ts';
import type {Store} from '../store/store.ts';

/** Takes one action at a time from its key to its end, and keeps the store up to date with it. */
export type ActionRunner = {
  readonly plan: (request: PlanRequest) => void;
  /** Runs the plan that the dialog shows. */
  readonly confirm: () => void;
  /** Cancels the running statement on the server; the action ends when the server says so. */
  readonly cancel: () => void;
  /** Removes an action that has not begun or has ended from the screen. A running one stays. */
  readonly dismiss: () => void;
  /** Cancels a running action and waits for its end, so that nothing continues unseen. */
  readonly close: () => Promise<void>;
};

/** Makes the runner; `onEnd` is called after each run. */
export function createActionRunner(
  gate: Gate,
  store: Pick<Store, 'setActing' | 'setUi' | 'get'>,
  onEnd: () => void,
): ActionRunner {
  let acting: Acting | undefined;
  let running: Promise<unknown> | undefined;
  let stop: AbortController | undefined;
  let turn = 0;
  const show = (next: Acting | undefined) => {
    acting = next;
    store.setActing(next);
  };

  async function prepare(mine: number, begun: Acting, options: ActionOptions | undefined): Promise<void> {
    const next = await planned(gate, begun, options);
    if (mine === turn) show(next);
  }

  async function execute(plan: Plan, begun: Acting, signal: AbortSignal): Promise<void> {
    const onProgress = (progress: Progress) => {
      if (acting?.phase === 'running') show({...acting, progress});
    };
    const outcome = await gate
      .run(plan, {signal, onProgress})
      .catch((error: unknown) => failed(sanitise(failureOf(error).message)));
    show({...begun, phase: 'ended', outcome, since: nowMicros()});
    takeReadOnly(store, plan, outcome);
    onEnd();
  }

  return {
    plan: ({actionId, title, target, name, options}) => {
      if (acting?.phase === 'running') return;
      turn++;
      const begun: Acting = {...PLANNING, actionId, title, target, targetName: name, since: nowMicros()};
      show(begun);
      void prepare(turn, begun, options);
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

/** Lets this console act, or no longer, as an action has said. That it may no longer act needs no audit record to hold. */
function takeReadOnly(store: Pick<Store, 'setUi' | 'get'>, {options}: Plan, {outcome}: Outcome): void {
  const readOnly = options?.edit?.readOnly;
  if (readOnly === undefined || (outcome !== 'done' && !readOnly)) return;
  store.setUi({...store.get().ui, readOnly});
}

const PLANNING = {phase: 'planning', plan: undefined, progress: undefined, outcome: undefined} as const;

async function planned(gate: Gate, begun: Acting, options: ActionOptions | undefined): Promise<Acting> {
  const plan: Plan | SafeText = await gate
    .plan(begun.actionId, begun.target, options)
    .catch((error: unknown) => sanitise(failureOf(error).message));
  if (typeof plan === 'string') return {...begun, phase: 'ended', outcome: failed(plan)};
  // The dialog can be read from here on: what was typed before does not confirm it.
  return {...begun, phase: 'confirm', plan, targetName: plan.targetName, title: plan.title, since: nowMicros()};
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

/** So often it is looked for runs whose console died. */
const LOST_MS = 60_000;

/** Looks at once and every minute for runs whose console died; gives the function that ends it. */
export function lookForLost({closeLost}: Gate): () => void {
  void closeLost();
  const timer = setInterval(() => void closeLost(), LOST_MS);
  return () => clearInterval(timer);
}
