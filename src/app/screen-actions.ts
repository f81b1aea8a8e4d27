/** Implements the actions of the screen. */
import { realpath, stat } from 'node:fs/promises';
import type { SharedQueue } from '../cluster/shared-queue.js';
import type { History } from '../queue/history.js';
import type { Persistence } from '../queue/persistence.js';
import type { JobQueue } from '../queue/queue.js';
import { layered } from '../settings/presets.js';
import type { Recipe } from '../settings/recipe.js';
import type { Settings } from '../settings/settings.js';
import type { ScreenActions } from '../tui/screen-actions.js';
import { UserError } from '../util/errors.js';
import type { Worker } from '../worker/worker.js';
import { copyText, openPath } from './desktop.js';
import type { Intake } from './intake.js';
import { settingsByHand, settingsLike } from './recipe.js';
import type { Recipes } from './recipes.js';
import { choices, pathChoices } from './style-choices.js';

type Actions = Omit<ScreenActions, 'resumes' | 'gallery' | 'onQuit' | 'onInterrupt'>;

interface Session {
  worker: Worker;
  intake: Intake;
  queue: JobQueue;
  /** The same queue, if other machines share it. */
  shared?: SharedQueue;
  history: History;
  persistence: Persistence;
  recipes: Recipes;
  /** Queues the jobs that are marked in the job store to be retried. */
  retry?(intake: Intake): Promise<void>;
  /** Queues a photo by its path, if the command takes any. */
  add?(intake: Intake, path: string): Promise<void>;
  /** Prints a message for the user when an action fails. */
  say(text: string): void;
}

export function screenActions(session: Session): Actions {
  const { worker, intake, queue, shared, history, persistence, recipes, add, retry, say } = session;
  const follow = (settings: Partial<Settings>) =>
    recipes.choose(settings, (update) => intake.updateRecipes(update));
  const recipeOf = async (id: number): Promise<Recipe> => {
    const job = await queue.find(id);
    if (!job) throw new UserError('This picture is no longer being painted.');
    return job.recipe;
  };
  const reportFailure = (work: Promise<void>) => void work.catch(({ message }: Error) => say(message));
  return {
    control: (job, message) => {
      if (worker.isPainting(job)) worker.control(job, message);
      else if (shared) reportFailure(shared.request(job, message));
    },
    open: openPath,
    copy: copyText,
    queue: {
      add: async (paths) => {
        if (!add) throw new UserError('Only watch takes further photos.');
        for (const path of paths) await add(intake, await photoAt(path));
      },
      move: (job, by) =>
        reportFailure(persistence.unlessStopped(() => persistence.until(() => queue.move(job, by)))),
      drop: (job) => reportFailure(intake.drop(job)),
      hold: queue.hold && ((inboxes) => worker.hold(inboxes)),
      retry: async (jobs) => {
        history.wantRetry(jobs);
        await retry?.(intake);
      },
      record: (job) => history.record(shared?.recordOf(job) ?? job),
      follow: async (job, { weights, iterations }) =>
        follow(settingsLike(await recipeOf(job), weights, iterations)),
    },
    styles: {
      choices: async (job) => choices(job === undefined ? [] : (await recipeOf(job)).settings.styles),
      repaint: async (job, { settings }, byHand) => {
        const recipe = await recipeOf(job);
        const chosen = layered(recipes.withoutFlags(settings), settingsByHand(recipe, settings, byHand));
        const other = await recipes.with(recipe, chosen);
        if (worker.isPainting(job)) worker.repaint(job, other);
        else await shared?.repaint(job, other);
      },
      follow: ({ settings }) => follow(recipes.withoutFlags(settings)),
      paths: pathChoices,
    },
  };
}

/** The real path of a photo that the user named. */
async function photoAt(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UserError(`${path}: there is no such file.`);
  if (found.isDirectory())
    throw new UserError(`${path}: is a folder. Paste photos, or watch it with its own command.`);
  return realpath(path);
}
