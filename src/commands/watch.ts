import {defineCommand} from './shared/command.ts';
import {loadConsole} from './shared/load-console.ts';

/** `tradetop` and `tradetop watch`: the live console on the configured servers. */
export const watchCommand = defineCommand({
  name: 'watch',
  summary: 'the live console on the configured servers',
  flags: {
    wait: {type: 'boolean', help: 'start although a server does not answer, and wait for it'},
  },
  run: async ({config, flags}) => {
    const {watchConsole} = await loadConsole();
    return watchConsole(config(), {wait: flags.wait ?? false});
  },
});
