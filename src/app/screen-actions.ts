/** Does what the screen asks for. */
import type { JobStore } from '../queue/store.js';
import type { ScreenActions } from '../tui/screen-actions.js';
import { UserError } from '../util/errors.js';
import type { Painter } from '../worker/painter.js';
import { settingsLike } from './recipe.js';
import type { Recipes } from './recipes.js';
import { choices } from './style-choices.js';

type Doing = Omit<ScreenActions, 'onQuit' | 'onInterrupt'>;

interface Doers {
  painter: Painter;
  ledger: JobStore;
  recipes: Recipes;
  /** Queues what the ledger has marked to be tried again. */
  retry?(painter: Painter): Promise<void>;
}

export function screenActions({ painter, ledger, recipes, retry }: Doers): Doing {
  const follow: Doing['styles']['follow'] = (settings) =>
    recipes.choose(settings, (renewed) => painter.renew(renewed));
  const recipeOf = (job: number) => {
    const recipe = painter.recipeOf(job);
    if (!recipe) throw new UserError('This picture is not painted any more.');
    return recipe;
  };
  return {
    control: (job, message) => painter.control(job, message),
    queue: {
      move: (job, by) => void painter.move(job, by),
      drop: (job) => void painter.drop(job),
      retry: async (jobs) => {
        ledger.wantRetry(jobs);
        await retry?.(painter);
      },
      record: (job) => ledger.record(job),
      follow: async (job, { weights, iterations }) =>
        follow(settingsLike(recipeOf(job), weights, iterations)),
    },
    styles: {
      choices: async (job) => choices(job === undefined ? [] : recipeOf(job).settings.styles),
      repaint: async (job, settings) => painter.repaint(job, await recipes.with(recipeOf(job), settings)),
      follow,
    },
  };
}
