/** Does what the screen asks for. */
import type { Persistence } from '../queue/persistence.js';
import type { JobStore } from '../queue/store.js';
import type { Recipe } from '../settings/recipe.js';
import type { ScreenActions } from '../tui/screen-actions.js';
import { UserError } from '../util/errors.js';
import type { Worker } from '../worker/worker.js';
import type { Intake } from './intake.js';
import { settingsLike } from './recipe.js';
import type { Recipes } from './recipes.js';
import { choices } from './style-choices.js';

type Actions = Omit<ScreenActions, 'onQuit' | 'onInterrupt'>;

interface Session {
  worker: Worker;
  intake: Intake;
  store: JobStore;
  persistence: Persistence;
  recipes: Recipes;
  /** Queues what the job store has marked to be tried again. */
  retry?(intake: Intake): Promise<void>;
  /** Tells a person what could not be done. */
  say(text: string): void;
}

export function screenActions(session: Session): Actions {
  const { worker, intake, persistence, recipes, retry, say } = session;
  const { queue, history } = session.store;
  const follow: Actions['styles']['follow'] = (settings) =>
    recipes.choose(settings, (renewed) => intake.renew(renewed));
  const recipeOf = async (id: number): Promise<Recipe> => {
    const job = await queue.find(id);
    if (!job) throw new UserError('This picture is not painted any more.');
    return job.recipe;
  };
  const tried = (work: Promise<void>) => void work.catch(({ message }: Error) => say(message));
  return {
    control: (job, message) => worker.control(job, message),
    queue: {
      move: (job, by) => tried(persistence.unlessStopped(() => persistence.until(() => queue.move(job, by)))),
      drop: (job) => tried(intake.drop(job)),
      retry: async (jobs) => {
        history.wantRetry(jobs);
        await retry?.(intake);
      },
      record: (job) => history.record(job),
      follow: async (job, { weights, iterations }) =>
        follow(settingsLike(await recipeOf(job), weights, iterations)),
    },
    styles: {
      choices: async (job) => choices(job === undefined ? [] : (await recipeOf(job)).settings.styles),
      repaint: async (job, settings) =>
        worker.repaint(job, await recipes.with(await recipeOf(job), settings)),
      follow,
    },
  };
}
