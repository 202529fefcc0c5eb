import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Log, reasonOf } from '../../../worker/log.ts';
import { type Handshake, requestOf } from '../gateway/hand-over.ts';
import { createAuthorization } from './authorization.ts';
import { Broadcasts } from './broadcasts.ts';
import { Changes } from './changes.ts';
import type { RealtimeConfig } from './config.ts';
import { Connection, type Hello } from './connection.ts';
import { createDatabase } from './database.ts';
import { answerBroadcast, headersOf } from './http.ts';
import { leave, tellToRejoin } from './leaving.ts';
import { ENVELOPE_BYTES, PerSecond } from './limits.ts';
import { createLogReader } from './log-reader.ts';
import { handleMessage } from './messages.ts';
import { createMetrics } from './metrics.ts';
import { Presence } from './presence.ts';
import { Refusal } from './refusal.ts';
import { startReplication } from './replication.ts';
import { Rooms } from './rooms.ts';
import { decodeFrame } from './serializers.ts';
import type { Services } from './services.ts';
import { createTokens } from './tokens.ts';
import { rejoinEverybody, startUpkeep } from './upkeep.ts';

const SOCKET_PATH = '/realtime/v1/websocket';
const GOING_AWAY = 1001;

export interface RealtimeServer extends AsyncDisposable {
  readonly url: string;
  /** Answers a WebSocket handshake whose connection another process has accepted. */
  readonly adopt: (handshake: Handshake, socket: Socket) => void;
}

/**
 * Runs the Realtime server of the local stack: WebSockets and HTTP broadcasts under `/realtime/v1`, and for operators `/healthz`
 * and `/metrics`, which the API gateway does not pass on.
 * @returns once the database's log is read, so whoever can connect misses nothing.
 */
export async function startRealtimeServer(config: RealtimeConfig, log: Log): Promise<RealtimeServer> {
  await using stack = new AsyncDisposableStack();
  const metrics = createMetrics();
  const database = stack.use(createDatabase(config.databaseUrl, log));
  const rooms = new Rooms();
  const broadcasts = new Broadcasts(rooms, database);
  const changes = new Changes({ database, metrics, log, onLost: (channel) => tellToRejoin(services, channel) });
  const services: Services = {
    ...{ limits: config.limits, rooms, broadcasts, changes, metrics, log, now_ms: Date.now },
    ...{ tokens: createTokens(config), authorization: createAuthorization(database), presence: new Presence(rooms) },
  };
  const replication = stack.use(
    await startReplication(
      config.databaseUrl,
      {
        message: createLogReader(broadcasts, changes, metrics),
        resumed: () => rejoinEverybody(services),
      },
      { metrics, log },
    ),
  );
  const connections = new Set<Connection>();
  stack.use(startUpkeep(services, connections, database));
  const sockets = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false },
    maxPayload: config.limits.payload_bytes + ENVELOPE_BYTES,
  });
  const rate = new PerSecond(config.limits.httpMessagesPerSecond);
  const server = createServer((request, response) => {
    answer(services, rate, replication.up, request, response).catch((error: unknown) => {
      log('warn', 'a request failed', { reason: reasonOf(error) });
      response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    greet(services, connections, request).then(
      (hello) => sockets.handleUpgrade(request, socket, head, (ws) => serve(services, connections, ws, hello)),
      (error: unknown) => refuseUpgrade(socket, error),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  stack.defer(async () => {
    for (const connection of connections) connection.close(GOING_AWAY, 'the server stops');
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      for (const connection of connections) connection.end();
    });
  });
  const { port } = server.address() as AddressInfo;
  const running = stack.move();
  return {
    url: `http://${config.host}:${port}`,
    adopt: (handshake, socket) => {
      const { request, head } = requestOf(handshake, socket);
      server.emit('upgrade', request, socket, head);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function answer(
  services: Services,
  rate: PerSecond,
  up: () => boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (request.url) {
    case '/healthz':
      response.writeHead(up() ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: up() ? 'ok' : 'down', replication: up() ? 'up' : 'down' }));
      return;
    case '/metrics': {
      const { registry } = services.metrics;
      response.writeHead(200, { 'content-type': registry.contentType });
      response.end(await registry.metrics());
      return;
    }
    default:
      await answerBroadcast(services, rate, request, response);
  }
}

class UpgradeRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Checks a client's key before it gets a socket. */
async function greet(
  services: Services,
  connections: ReadonlySet<Connection>,
  request: IncomingMessage,
): Promise<Hello> {
  const url = URL.parse(request.url ?? '', 'http://realtime');
  if (url?.pathname !== SOCKET_PATH) throw new UpgradeRefusal(404, 'No WebSocket answers at this path');
  if (connections.size >= services.limits.connections) {
    services.metrics.limited.inc({ limit: 'connections' });
    throw new UpgradeRefusal(429, 'Too many connected users');
  }
  const header = request.headers['x-api-key'];
  const apiKey = typeof header === 'string' ? header : (url.searchParams.get('apikey') ?? '');
  if (apiKey === '') throw new UpgradeRefusal(401, 'API key is missing');
  await services.tokens.verify(apiKey);
  const version = url.searchParams.get('vsn') === '2.0.0' ? '2.0.0' : '1.0.0';
  return { version, apiKey, headers: headersOf(request) };
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const status = error instanceof UpgradeRefusal ? error.status : error instanceof Refusal ? 401 : 500;
  const body = JSON.stringify({ error: status === 500 ? 'The connection failed' : (error as Error).message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function serve(services: Services, connections: Set<Connection>, socket: WebSocket, hello: Hello): void {
  const { limits, metrics, log, now_ms } = services;
  const connection = new Connection(socket, hello, limits, metrics, now_ms());
  connections.add(connection);
  metrics.connections.set(connections.size);
  socket.on('message', (data: Buffer, binary) => {
    connection.heard_ms = now_ms();
    try {
      const message = decodeFrame(data, binary);
      connection.inOrder(message.topic, data.length, () =>
        handleMessage(services, connection, message)?.catch((error: unknown) => {
          metrics.failures.inc({ part: 'message' });
          log('warn', 'a message could not be handled', { event: message.event, reason: reasonOf(error) });
        }),
      );
    } catch (error) {
      log('debug', 'a frame was dropped', { reason: reasonOf(error) });
    }
  });
  socket.on('error', (error) => log('debug', 'a socket failed', { reason: reasonOf(error) }));
  socket.on('close', () => {
    connections.delete(connection);
    metrics.connections.set(connections.size);
    for (const channel of [...connection.channels.values()]) leave(services, channel);
  });
}
