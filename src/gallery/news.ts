/** Sends news to browsers by server-sent events. */
import type { ServerResponse } from 'node:http';

/** Browsers that follow the news, in all and from one address: each takes a connection, and a little memory. */
const [mostClients, mostOfAddress] = [500, 100];

/** Bytes that a browser may be behind before it is let go; it asks again by itself. */
const mostBehind = 256 * 1024;

/** Milliseconds between two signs of life, by which connections that are gone are noticed. */
const pulse = 20_000;

export class News {
  private readonly clients = new Map<ServerResponse, string>();
  private readonly timer = setInterval(() => this.write(': \n\n'), pulse).unref();

  /** Whether there is room for one more from this address. */
  hasRoom(address: string): boolean {
    const own = [...this.clients.values()].filter((each) => each === address).length;
    return this.clients.size < mostClients && own < mostOfAddress;
  }

  /**
   * Answers a request with the news from now on.
   * @param first what to send at once
   */
  follow(response: ServerResponse, address: string, first: readonly string[]): void {
    this.clients.set(response, address);
    response.on('close', () => this.clients.delete(response));
    // Proxies that hold back what they pass on would hold back news.
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    response.write(`retry: 5000\n\n${first.join('')}`);
  }

  send(event: string): void {
    this.write(event);
  }

  close(): void {
    clearInterval(this.timer);
    for (const response of this.clients.keys()) response.end();
    this.clients.clear();
  }

  private write(text: string): void {
    for (const response of this.clients.keys()) {
      if (response.writableLength > mostBehind) response.destroy();
      else response.write(text);
    }
  }
}

/**
 * An event as it is sent.
 * @param id what a browser that was away names as its last one
 */
export const newsOf = (name: string, data: unknown, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
