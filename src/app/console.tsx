import {useApp, useInput, usePaste, useStdout, useWindowSize} from 'ink';
import {type ReactElement, useCallback, useEffect, useRef, useSyncExternalStore} from 'react';
import {App} from '../../components/App.tsx';
import {handleScreenKey} from '../../components/viewport.ts';
import {nowMicros} from '../core/time.ts';
import type {Effect, KeyResult} from '../input/effect.ts';
import {handlePaste} from '../input/handle-key.ts';
import {keysOf} from '../input/keys.ts';
import {onSignals} from '../io/signals.ts';
import {osc52} from './clipboard.ts';
import type {Live} from './live.ts';

export type ConsoleProps = {readonly live: Live; readonly quit: () => void};

/** The console's only part that holds a subscription: draws the State, turns keys into changes of it and into effects. */
export function Console({live, quit}: ConsoleProps): ReactElement {
  const state = useSyncExternalStore(live.store.subscribe, live.store.get);
  const {columns, rows} = useWindowSize();
  const {suspendTerminal} = useApp();
  const {stdout} = useStdout();
  const suspended = useRef(false);

  const leave = useCallback(
    async (stop: () => void) => {
      if (suspended.current) return;
      suspended.current = true;
      await suspendTerminal(stop).finally(() => {
        suspended.current = false;
      });
    },
    [suspendTerminal],
  );

  // Sent from outside, it would stop us with the terminal in raw mode and on the other screen.
  useEffect(() => {
    const stop = () => void leave(() => void process.kill(process.pid, 'SIGSTOP'));
    return onSignals(['SIGTSTP'], stop);
  }, [leave]);

  const follow = (effect: Effect): void => {
    if (effect.kind === 'quit') quit();
    else if (effect.kind === 'copy') stdout.write(osc52(effect.text, process.env));
    else if (effect.kind === 'repaint') void leave(() => {});
    // The whole job stops, npm and shell included, so that the user's shell sees it; fg goes on right here.
    else if (effect.kind === 'suspend') void leave(() => void process.kill(0, 'SIGSTOP'));
    else live.runEffect(effect);
  };
  const take = ({ui, effects}: KeyResult): void => {
    if (ui) live.store.setUi(ui);
    for (const effect of effects) follow(effect);
  };
  useInput((input, key) => {
    for (const pressed of keysOf(input, key))
      take(handleScreenKey(live.store.get(), pressed, {at: nowMicros(), columns, rows}));
  });
  usePaste(text => take(handlePaste(live.store.get(), text, nowMicros())));

  return <App state={state} columns={columns} rows={rows} />;
}
