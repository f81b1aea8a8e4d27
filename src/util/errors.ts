/**
 * An error that the user can fix: the message says what went wrong, in which file, and what to do. It is shown as it is,
 * without a stack trace. Every other Error is a bug.
 */
export class UserError extends Error {
  override name = 'UserError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.length > longest ? `${message.slice(0, longest)}…` : message, options);
  }
}

/** Characters. Messages quote files, and whoever wrote those chose how much there is to quote. */
const longest = 2000;
