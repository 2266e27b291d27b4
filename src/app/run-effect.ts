import type {Effect} from '../input/effect.ts';
import type {ExplainTarget} from '../model/explained.ts';
import type {PositionName} from '../model/position-shown.ts';
import type {SampleId} from '../model/state.ts';
import type {Pollers} from '../monitor/run.ts';
import type {ActionRunner} from './action-runner.ts';
import type {CheckRunner} from './check-runner.ts';
import type {Incidents} from './incidents.ts';
import type {Reporter} from './reporter.ts';
import type {Profiler} from './wait-profile.ts';

type EffectDeps = {
  readonly runner: ActionRunner;
  readonly checks: CheckRunner;
  readonly loops: Pollers<SampleId> | undefined;
  readonly incidents: Incidents | undefined;
  readonly explain: (target: ExplainTarget) => Promise<void>;
  readonly profiler: Profiler;
  readonly reporter: Reporter;
  readonly trace: (id: string) => Promise<void>;
  readonly position: (of: PositionName) => Promise<void>;
};

/** Runs an effect that a key asked for, but those that need the terminal. */
export function runEffect(effect: Effect, deps: EffectDeps): void {
  const {runner, checks, loops, explain, profiler, trace, position, reporter, incidents} = deps;
  if (effect.kind === 'refresh') loops?.refreshNow();
  else if (effect.kind === 'setRefresh') loops?.setRefresh(effect.ms);
  else if (effect.kind === 'incident') incidents?.toggle(effect.name);
  else if (effect.kind === 'verify') void checks.all();
  else if (effect.kind === 'explain') void explain(effect.target);
  else if (effect.kind === 'profile') profiler.profile(effect.session);
  else if (effect.kind === 'trace') void trace(effect.id);
  else if (effect.kind === 'position') void position(effect.of);
  else if (effect.kind === 'reporting') void reporter[effect.what]();
  else if (effect.kind === 'plan') runner.plan(effect);
  else if (effect.kind === 'confirm') runner.confirm();
  else if (effect.kind === 'cancelAction') runner.cancel();
  else if (effect.kind === 'dismiss') runner.dismiss();
}
