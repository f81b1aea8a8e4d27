/** What a check found out: a line of `doctor`. */
import { z } from 'zod';

const line = { name: z.string(), found: z.string() };

export const findingSchema = z.discriminatedUnion('status', [
  z.strictObject({ ...line, status: z.literal('good') }),
  /** Not there, and not needed; `fix` brings it. */
  z.strictObject({ ...line, status: z.literal('missing'), fix: z.string().optional() }),
  /** Keeps the program from working; `fix` is a command, or one thing to do. */
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

/** Our errors say in a sentence what is wrong, then what to do; those of libraries come with details below. */
export function describeError(error: unknown): { found: string; advice?: string } {
  const message = error instanceof Error ? error.message : String(error);
  const [first] = message.trim().split('\n');
  const [, found = first, advice] = /^(.+?)\. (?=[A-Z])(.+)$/.exec(first) ?? [];
  return { found, advice };
}
