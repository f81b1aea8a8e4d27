/** What the screen asks for, with a job store that cannot do it. */
import { expect, it, vi } from 'vitest';
import { Intake } from '../../src/app/intake.js';
import { Recipes } from '../../src/app/recipes.js';
import { screenActions } from '../../src/app/screen-actions.js';
import { Persistence } from '../../src/queue/persistence.js';
import { JobStore } from '../../src/queue/store.js';
import { Worker } from '../../src/worker/worker.js';

it('tells what could not be moved or dropped', async () => {
  const store = new JobStore(':memory:');
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const stopped = new AbortController();
  const persistence = new Persistence({ tell: say, stopped: stopped.signal });
  const { queue, history } = store;
  const common = { queue, persistence, stopped, messages: { message: say, note: say } };
  const how = { outputFor: () => '', strictSize: false, placements: [], previews: false };
  const actions = screenActions({
    worker: new Worker({ ...common, ...how }),
    intake: new Intake({ queue, history, persistence }),
    queue,
    history,
    persistence,
    recipes: new Recipes({}),
    say,
  });
  store.close();
  actions.queue.move(1, 1);
  actions.queue.drop(1);
  await vi.waitFor(() => expect(said).toHaveLength(2));
  expect(said.join()).toMatch(/not open/);
});
