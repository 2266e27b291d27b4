/** What came of one try to send a message. Its words never contain a secret. */
export type SendOutcome =
  | {readonly ok: true; readonly answer: string}
  | {
      readonly ok: false;
      readonly answer: string;
      /** Another try comes to the same until somebody changes the configuration. */
      readonly permanent: boolean;
      /** How long the receiver asks us to wait, in milliseconds. */
      readonly retryAfterMs?: number;
    };

/** A failure that does not end by itself. */
export const refusedFor = (answer: string): SendOutcome => ({ok: false, answer, permanent: true});

/** A failure that another try may not meet. */
export const failedFor = (answer: string): SendOutcome => ({ok: false, answer, permanent: false});
