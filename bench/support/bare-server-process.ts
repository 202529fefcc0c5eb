// The bare fan-out that deliveries are compared with: started by listeners.ts.
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

process.on('message', ({ bytes, times }: { bytes: Uint8Array; times: number }) => {
  for (let i = 0; i < times; i += 1) {
    for (const socket of server.clients) socket.send(bytes, { binary: true });
  }
});
process.on('disconnect', () => process.exit());
server.once('listening', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ url: `ws://127.0.0.1:${port}` });
});
