/** Bull Board, a page in the browser that shows a queue. */
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Lane } from './lanes.js';
import { optional } from './packages.js';

export interface DashboardOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Its buttons work: jobs can be removed and retried. */
  writable: boolean;
}

/**
 * @returns its address, and a function that ends it
 * @throws UserError if packages are missing; the system's error if the port cannot be used
 */
export async function serveDashboard(lanes: readonly Lane[], { host, port, writable }: DashboardOptions) {
  const needs = { what: 'The dashboard', install: '@bull-board/api @bull-board/hono' };
  const { createBullBoard } = await optional(() => import('@bull-board/api'), needs);
  const { BullMQAdapter } = await optional(() => import('@bull-board/api/bullMQAdapter'), needs);
  const { HonoAdapter } = await optional(() => import('@bull-board/hono'), needs);
  const { serveStatic } = await import('@hono/node-server/serve-static');
  const { serve } = await import('@hono/node-server');
  const { Hono } = await import('hono');
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath('/');
  const readOnlyMode = !writable;
  createBullBoard({
    queues: lanes.map(({ queue }) => new BullMQAdapter(queue as never, { readOnlyMode })),
    serverAdapter: adapter,
  });
  const app = new Hono().route('/', adapter.registerPlugin());
  const server = serve({ fetch: app.fetch, hostname: host, port }) as HttpServer;
  await once(server, 'listening');
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/`, close: () => server.close() };
}
