import type { Server } from 'node:http';

/** A server that answers on loopback. */
export interface Listening extends AsyncDisposable {
  /** Resolves with the reason when the server fails after it had started. */
  readonly died: Promise<string>;
}

/**
 * Binds a server to 127.0.0.1 and nothing else.
 * @param what its name for people, in the message when the port is taken.
 */
export async function listen(server: Server, port: number, what: string): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} (${what}) is taken. Stop the program that uses it, or choose other ports with --port-base.`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken, { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  server.removeAllListeners('error');
  return {
    died: new Promise<string>((resolve) => {
      server.on('error', (error) => resolve(`${what}: ${error.message}`));
    }),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Streams such as SSE never end by themselves.
        server.closeAllConnections();
      }),
  };
}
