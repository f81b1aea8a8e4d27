/**
 * Everything that decides how a picture is painted, as one schema: it validates flags and presets, and its defaults
 * are the recipe that gives the best picture in the time. docs/performance.md tells how they were found.
 */
import { z } from 'zod';
import { UserError } from './errors.js';

const weight = z.number().min(0).max(1e12);

export const settingsSchema = z.strictObject({
  /** Longest side of the painted picture, in pixels; smaller photos are not enlarged. */
  size: z.number().int().min(32).max(8192).default(512),
  /** Evaluations of a picture, over all its scales. */
  iterations: z.number().int().min(1).max(100_000).default(150),
  /** Sizes painted from coarse to fine, each half of the next; 1: none but the final size. */
  scales: z.number().int().min(1).max(8).default(3),
  optimizer: z.enum(['lbfgs', 'adam']).default('lbfgs'),
  /** Adam's, in grey levels a step. */
  learningRate: z.number().positive().default(10),
  contentWeight: weight.default(5),
  styleWeight: weight.default(5000),
  tvWeight: weight.default(100),
  /** Share of each style, in order; equal when left out. Scaled to sum 1. */
  blend: z.array(z.number()).optional(),
  /** Width of each style picture, as a multiple of the content's: one for all, or one per style. */
  styleScales: z.array(z.number().positive().max(16)).min(1).default([1]),
  pooling: z.enum(['max', 'avg']).default('max'),
  /** Start from the photo, or from noise of this seed. */
  start: z.enum(['content', 'noise']).default('content'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
});

export type Settings = z.infer<typeof settingsSchema>;

/**
 * Fills in defaults.
 * @param origin where the values come from, for messages
 * @throws UserError that names each value that does not fit and says what would
 */
export function parseSettings(values: unknown, origin: string): Settings {
  const parsed = settingsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'settings'}: ${message}`,
  );
  throw new UserError(`${origin}: ${faults.join('; ')}.`);
}
