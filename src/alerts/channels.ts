import type {Seen} from './rule.ts';

/** The channel on which prices come. */
export const PRICES = 'data_sync:market_data';

/** The channel on which trades are told. */
export const TRADES = 'data_sync:trades';

/** The rule that tells of a channel's silence. */
export const SILENT_CHANNEL = 'silence_channel';

/** The alert on a channel's silence, by its id. */
export const silenceOf = (channel: string): string => `${SILENT_CHANNEL}:${channel}`;

/** Whether something has come on a channel since the console listens. */
export const hasHeard = ({bus}: Pick<Seen, 'bus'>, channel: string): boolean =>
  bus.channels.some(known => known.channel === channel && known.lastAt !== undefined);
