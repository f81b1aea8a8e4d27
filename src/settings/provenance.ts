/**
 * How a picture was painted: what it carries in its metadata, and what `run --from` repeats. It holds no time and no
 * duration, so that the same painting is the same file.
 */
import { z } from 'zod';
import { isUsual, type LayeredKey, type SequenceKey, type TermKey, terms } from '../losses/table.js';
import { formerDefaults, settingsSchema } from './settings.js';

const side = z.number().int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A layer's loss. Before one style loss took the place of one for each style, style layers had several that add up to it. */
const layerLoss = z.preprocess(
  (value) => (Array.isArray(value) ? value.reduce((sum, part) => sum + Number(part), 0) : value),
  z.number(),
);
const losses = Object.fromEntries(
  terms.map((term) => {
    const loss = term.layered ? z.record(z.string(), layerLoss) : z.number();
    return [term.key, isUsual(term) ? loss : loss.optional()];
  }),
) as {
  [K in TermKey]: K extends LayeredKey
    ? z.ZodRecord<z.ZodString, typeof layerLoss>
    : K extends SequenceKey
      ? z.ZodOptional<z.ZodNumber>
      : z.ZodNumber;
};

/** Weighted losses: all terms, and all layers of those that are measured in layers, add up to `total`. */
export const lossesSchema = z.strictObject({
  total: z.number(),
  ...losses,
  /** Style's again, for each style in order, where the style loss is a sum of theirs. */
  styles: z.record(z.string(), z.array(z.number())).optional(),
});

const weight = z.number().min(0);
const weights = Object.fromEntries(
  terms.map((term) => [term.key, isUsual(term) ? weight : weight.optional()]),
) as Record<Exclude<TermKey, SequenceKey>, z.ZodNumber> & Record<SequenceKey, z.ZodOptional<z.ZodNumber>>;

/**
 * What a person can change while a picture is painted; `blend` sums to 1, one number per style. `styleLayers`, once
 * changed, is what each layer counts within style.
 */
export const weightsSchema = z.strictObject({
  ...weights,
  blend: z.array(z.number().min(0)).readonly(),
  styleLayers: z.record(z.string(), z.number().min(0)).optional(),
});

/** What a person changed after an iteration; it counts from the next one on. */
export const changeSchema = z.strictObject({
  iteration: z.number().int().min(0),
  weights: weightsSchema.optional(),
  /** Steps in all, from then on. */
  iterations: z.number().int().min(1).optional(),
  /** The best picture was painted again from there, from coarse to fine. */
  again: z.literal(true).optional(),
});

/** A recipe of an earlier version, with what it had no word for. */
const withBefore = (settings: unknown) =>
  settings && typeof settings === 'object' ? { ...formerDefaults, ...settings } : settings;

export const provenanceSchema = z.strictObject({
  /** Name and version. */
  program: z.string(),
  engine: z.string(),
  device: z.string(),
  /** The machine, where several paint from a shared queue. */
  machine: z.string().optional(),
  /** The photo; the home folder is written ~ here and in `settings`. */
  content: z.string(),
  /** Every setting, defaults spelled out. */
  settings: z.preprocess(withBefore, settingsSchema),
  /** SHA-256 of every file named above, by its path. */
  files: z.record(z.string(), sha256),
  /** SHA-256 of the network's weight file. */
  network: sha256,
  /** Steps that were taken: others than in `settings` where a person changed that, or took the picture early. */
  iterations: z.number().int().min(0),
  history: z.array(changeSchema),
  losses: lossesSchema,
  /** The photo and the painting of the frame before, where painting began with that. */
  former: z.strictObject({ photo: z.string(), painting: z.string() }).optional(),
  /** The size in pixels, where there was too little memory for the one that the settings ask for. */
  painted: z.strictObject({ width: side, height: side }).optional(),
});

export type Losses = z.infer<typeof lossesSchema>;
export type Weights = z.infer<typeof weightsSchema>;
export type RecordedChange = z.infer<typeof changeSchema>;
export type Provenance = z.infer<typeof provenanceSchema>;
