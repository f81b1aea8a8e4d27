/** The result of a check: a line of `doctor`. */
import { z } from 'zod';

const line = { name: z.string(), found: z.string() };

export const findingSchema = z.discriminatedUnion('status', [
  z.strictObject({ ...line, status: z.literal('good') }),
  /** Missing but not required; `fix` adds it. */
  z.strictObject({ ...line, status: z.literal('missing'), fix: z.string().optional() }),
  /** Prevents the program from working; `fix` is a command or an instruction. */
  z.strictObject({ ...line, status: z.literal('bad'), fix: z.string() }),
]);
export type Finding = z.infer<typeof findingSchema>;

export const good = (name: string, found: string): Finding => ({ name, status: 'good', found });

export const missing = (name: string, found: string, fix?: string): Finding => ({
  name,
  status: 'missing',
  found,
  ...(fix !== undefined && { fix }),
});

export const bad = (name: string, found: string, fix: string): Finding => ({
  name,
  status: 'bad',
  found,
  fix,
});

/** Splits our error messages into the problem and the advice; of a library's message, only the first line is used. */
export function describeError(error: unknown): { found: string; advice?: string } {
  const message = error instanceof Error ? error.message : String(error);
  const [first] = message.trim().split('\n');
  const [, found = first, advice] = /^(.+?)\. (?=[A-Z])(.+)$/.exec(first) ?? [];
  return { found, advice };
}
