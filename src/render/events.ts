/**
 * The events of pictures, as used by the screen, the plain lines, the log and `--json`. docs/events.md describes each field;
 * the tests check real output against these schemas.
 */
import { z } from 'zod';
import { lossesSchema, weightsSchema } from '../settings/provenance.js';

const perLayer = z.record(z.string(), z.number());

/** Fields of every event about a job. */
const ofJob = { time: z.iso.datetime(), job: z.number().int(), source: z.string() };
const iteration = z.number().int().min(0);

/** In version 2 a style layer has one loss instead of one per style, which are in `styles`, and `checkpoint` became `snapshot`. */
export const eventsVersion = 2;

export const eventSchema = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('queued'), ...ofJob }),
  z.strictObject({
    event: z.literal('started'),
    ...ofJob,
    version: z.literal(eventsVersion),
    /** Number of the slot that paints it, from 1. */
    slot: z.number().int().min(1),
    /** The machine that paints it, and its process, if that is another one. */
    worker: z.string().optional(),
    output: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    /** The paper of --print-size, turned like the photo: 15 x 10 cm. */
    print: z.string().optional(),
    scales: z.number().int(),
    iterations: z.number().int(),
    styles: z.array(z.string()),
    layers: z.strictObject({
      content: perLayer,
      style: perLayer,
      blends: z.record(z.string(), z.array(z.number()).readonly()).optional(),
    }),
    weights: weightsSchema,
    engine: z.string(),
    device: z.string(),
  }),
  z.strictObject({
    event: z.literal('iteration'),
    ...ofJob,
    iteration,
    iterations: iteration,
    scale: z.number().int().min(1),
    scales: z.number().int().min(1),
    scaleEnds: z.array(iteration).readonly(),
    width: z.number().int(),
    height: z.number().int(),
    seconds: z.number(),
    /** Until it is known to about a quarter, it is left out. */
    secondsLeft: z.number().optional(),
    losses: lossesSchema,
    weights: weightsSchema,
    /** The number of the last applied change by hand. */
    change: z.number().int().min(1).optional(),
  }),
  z.strictObject({
    event: z.literal('working'),
    ...ofJob,
    share: z.number().min(0).max(1),
    seconds: z.number(),
  }),
  z.strictObject({ event: z.literal('snapshot'), ...ofJob, iteration, output: z.string() }),
  z.strictObject({ event: z.literal('paused'), ...ofJob, iteration }),
  z.strictObject({ event: z.literal('resumed'), ...ofJob, iteration }),
  z.strictObject({ event: z.literal('waiting'), ...ofJob, reason: z.string() }),
  z.strictObject({
    event: z.literal('done'),
    ...ofJob,
    output: z.string(),
    seconds: z.number(),
    iterations: iteration,
    /** All iterations were done, the loss no longer fell enough (`until`), or the user accepted the picture. */
    ended: z.enum(['iterations', 'until', 'accepted']),
    losses: lossesSchema,
  }),
  z.strictObject({ event: z.literal('skipped'), ...ofJob, reason: z.string() }),
  z.strictObject({ event: z.literal('failed'), ...ofJob, reason: z.string() }),
  z.strictObject({
    event: z.literal('follow-up'),
    ...ofJob,
    /** The command line, or the folder that the photo moves to. */
    command: z.string().optional(),
    move: z.string().optional(),
    status: z.enum(['waiting', 'running', 'done', 'failed', 'unknown']),
    attempts: z.number().int(),
    reason: z.string().optional(),
    /** The photo's new path. */
    to: z.string().optional(),
  }),
  z.strictObject({ event: z.literal('idle'), time: z.iso.datetime() }),
  z.strictObject({
    event: z.literal('sheet'),
    time: z.iso.datetime(),
    output: z.string(),
    cells: z.array(
      z.strictObject({
        content: z.string(),
        style: z.string(),
        /** How this variant's settings differ from the others of the sweep. */
        variant: z.string(),
        /** The painting; if there is none, `reason` is set. */
        output: z.string().optional(),
        flaws: z
          .strictObject({
            specks: z.number(),
            rim: z.number(),
            clipped: z.number(),
            weave: z.number(),
            worms: z.number(),
            fringes: z.number(),
            crushed: z.number(),
          })
          .partial({ worms: true, fringes: true, crushed: true })
          .optional(),
        reason: z.string().optional(),
      }),
    ),
  }),
]);

/** Progress within a painting: hundreds of events per picture, too many for a log. */
export const isProgress = ({ event }: PaintEvent): boolean => event === 'iteration' || event === 'working';

export type { Losses, Weights } from '../settings/provenance.js';
export type PaintEvent = z.infer<typeof eventSchema>;

/** A small version of the current picture, for the screen only. Not part of `--json`. */
export interface Preview {
  job: number;
  /** A PNG file, at most 480 pixels on its longer side. */
  png: Uint8Array;
  width: number;
  height: number;
}
