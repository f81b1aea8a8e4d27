/**
 * A mistake that a person can fix: its message says what went wrong, in which file, and what to do.
 * It is shown as it is, without a stack trace. Every other Error is a fault of the program.
 */
export class UserError extends Error {
  override name = 'UserError';
}
