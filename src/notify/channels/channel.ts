import type {Origin} from '../formats.ts';
import type {Message} from '../message.ts';
import type {SendOutcome} from '../outcome.ts';
import type {Receiver} from '../receiver.ts';

/** A kind of service that carries messages. */
export type Channel = {
  /** What the configuration lacks, with what to do; undefined: nothing. */
  readonly problem: (receiver: Receiver) => string | undefined;
  /** Sends a message, once. Ends within `limitMs`, never rejects, and never tells a secret. */
  readonly send: (receiver: Receiver, message: Message, how: SendOptions) => Promise<SendOutcome>;
};

export type SendOptions = {readonly origin: Origin; readonly limitMs: number};

/** How to set what is missing. */
export const setSecret = ({name}: Receiver, what: string): string =>
  `it has no secret, which is ${what}: tradetop secret set ${name}`;
