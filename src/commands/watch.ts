import {watchConsole} from '../app/watch-console.tsx';
import {defineCommand} from './shared/command.ts';

/** `tradetop` and `tradetop watch`: the live console on the configured servers. */
export const watchCommand = defineCommand({
  name: 'watch',
  summary: 'the live console on the configured servers',
  flags: {
    wait: {type: 'boolean', help: 'start although a server does not answer, and wait for it'},
  },
  run: ({config, flags}) => watchConsole(config(), {wait: flags.wait ?? false}),
});
