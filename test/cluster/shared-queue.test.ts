import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Server, serverKind } from '../../scripts/servers.js';
import type { Address } from '../../src/cluster/address.js';
import { SharedQueue, type SharedQueueOptions } from '../../src/cluster/shared-queue.js';
import { conforms } from '../queue/conformance.js';

for (const kind of ['redis', 'postgres'] as const) {
  const launch = serverKind(kind);
  describe.skipIf(!launch)(`the queue in ${kind}`, () => {
    let server: Server;
    beforeAll(async () => {
      server = await launch!();
    });
    afterAll(() => server.stop());

    const open = (given: Partial<SharedQueueOptions>) => {
      const address: Address = { kind, url: server.url, shown: server.url };
      return SharedQueue.open({ address, name: 'test', worker: 'test', stalledInterval: 200, ...given });
    };

    describe('as any queue', () => {
      conforms(async () => {
        const name = randomUUID();
        const queues = [await open({ name, owner: randomUUID() })];
        await queues[0].own();
        return {
          lease: 1000,
          queue: queues[0],
          other: async () => {
            const queue = await open({ name });
            queues.push(queue);
            return queue;
          },
          close: async () => void (await Promise.all(queues.map((queue) => queue.close()))),
        };
      });
    });
  });
}
