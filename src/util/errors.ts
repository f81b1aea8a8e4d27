/**
 * An error that the user can fix: the message says what went wrong, in which file, and what to do. It is shown as it is,
 * without a stack trace. Every other Error is a bug.
 */
export class UserError extends Error {
  override name = 'UserError';
}
