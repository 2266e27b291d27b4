import type {Incident} from './incident.ts';

const SYMBOL = 'AAPL';

/** One symbol has no prices any more, while the others have. */
export const silentSymbol: Incident = {
  name: 'silent-symbol',
  does: `the source of prices sends none of ${SYMBOL} any more, and all of the others`,
  endedBy: 'no key: the source of the prices is outside the desk',
  alerts: ['silence_symbol'],
  begin: async ({feed}) => {
    await feed.stop();
    await feed.start([`--without=${SYMBOL}`]);
    return async () => {
      await feed.stop();
      await feed.start();
    };
  },
};
