import { expect, test } from 'vitest';
import { ClientModel, messageAt, ServerModel, topicOf } from './model.ts';

/** A conversation with some messages, and a client that is up to date. */
function upToDate(messages = 3): { server: ServerModel; client: ClientModel } {
  const server = new ServerModel();
  for (let n = 0; n < messages; n += 1) server.send(false);
  const client = new ClientModel(server);
  client.settle();
  return { server, client };
}

const seqs = (client: ClientModel) => client.handed.map(({ seq }) => seq);
const heard = (seq: number, epoch = 1) => ({ on: 'heard', topic: topicOf(epoch), message: messageAt(seq) }) as const;

test('begins with what comes after it was located, and is live once that is joined and read', () => {
  const { client } = upToDate();
  expect(client.isLive).toBe(true);
  expect(client.core.position).toEqual({ seq: 3, change: 0 });
  client.tell(heard(4));
  expect(seqs(client)).toEqual([4]);
});

test('begins after a message that the client has', () => {
  const server = new ServerModel();
  for (let n = 0; n < 250; n += 1) server.send(false);
  const client = new ClientModel(server, { after_seq: 2 });
  client.settle();
  expect(seqs(client)).toEqual(Array.from({ length: 248 }, (_, n) => n + 3));
});

test('hands over what is heard at once, without asking for anything', () => {
  const { client } = upToDate();
  client.tell(heard(4));
  client.tell(heard(5));
  expect(seqs(client)).toEqual([4, 5]);
  expect(client.requests).toEqual([]);
});

test('drops what it was told twice', () => {
  const { client } = upToDate();
  for (const seq of [4, 4, 3, 5, 4, 5]) client.tell(heard(seq));
  expect(seqs(client)).toEqual([4, 5]);
});

test('reads what it did not hear before it hands over what came after it', () => {
  const { server, client } = upToDate();
  for (let n = 0; n < 3; n += 1) server.send(false);
  client.tell(heard(6));
  expect(seqs(client)).toEqual([]);
  expect(client.requests).toEqual([{ do: 'read', after: 3 }]);
  client.answer();
  expect(seqs(client)).toEqual([4, 5, 6]);
  // Whoever missed a message may have missed a new epoch.
  expect(client.requests).toEqual([{ do: 'locate' }]);
});

test('asks for the words of a message that disappears, also when it is heard before it can be read', () => {
  const { server, client } = upToDate();
  server.send(true);
  client.tell({ on: 'heard', topic: topicOf(1), message: { ...messageAt(4), content: null, is_sealed: true } });
  client.answer();
  expect(seqs(client)).toEqual([]);
  server.settle();
  client.passTime();
  client.answer();
  expect(client.handed.map(({ content }) => content)).toEqual(['message 4']);
});

test('goes on from what a member may read, when former messages are not for them', () => {
  const { server, client } = upToDate();
  for (let n = 0; n < 3; n += 1) server.send(false);
  server.settle();
  client.tell(heard(6));
  client.requests = [];
  client.tell({ on: 'messages', page: [messageAt(6)] });
  expect(seqs(client)).toEqual([6]);
});

test('passes over a number of which nothing can be read', () => {
  const { server, client } = upToDate();
  server.send(false);
  server.settle();
  client.tell({ on: 'doubt' });
  client.answer();
  client.requests = [];
  client.tell({ on: 'messages', page: [] });
  client.tell(heard(5));
  expect(seqs(client)).toEqual([5]);
});

test('moves to the topic of a new epoch when it is told of one, and reads what was sent there before it joined', () => {
  const { server, client } = upToDate();
  server.epoch = 2;
  server.send(false);
  client.tell({ on: 'moved', topic: topicOf(2), epoch: 2 });
  expect(client.topic).toBe(topicOf(2));
  expect(client.isLive).toBe(false);
  client.settle();
  expect(seqs(client)).toEqual([4]);
  expect(client.isLive).toBe(true);
});

test('takes nothing from the topic of a former epoch, and no notice of one', () => {
  const { server, client } = upToDate();
  server.epoch = 3;
  client.settle();
  client.tell(heard(4, 1));
  client.tell({ on: 'moved', topic: topicOf(2), epoch: 2 });
  expect(client.topic).toBe(topicOf(3));
  expect(seqs(client)).toEqual([]);
});

test('finds out where it is when a channel is lost, and reads what it missed', () => {
  const { server, client } = upToDate();
  client.lose();
  expect(client.isLive).toBe(false);
  server.send(false);
  server.epoch = 2;
  server.send(false);
  client.settle();
  expect(seqs(client)).toEqual([4, 5]);
});

test('asks once, not twice, when a lost channel is back at once', () => {
  const { client } = upToDate();
  client.lose();
  expect(client.requests).toEqual([]);
  client.join();
  expect(client.requests).toEqual([{ do: 'locate' }]);
  client.answer();
  expect(client.requests).toEqual([]);
  client.passTime();
  expect(client.requests).toEqual([]);
});

test('waits longer each time that it is refused an answer, and no longer once something works', () => {
  const { client } = upToDate();
  client.tell({ on: 'doubt' });
  const attempts: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    client.requests = [];
    for (const action of client.core.handle({ on: 'failed' })) {
      if (action.do !== 'wait') continue;
      attempts.push(action.attempt);
      client.waits = [action.ticket];
    }
    client.passTime();
  }
  expect(attempts).toEqual([1, 2, 3]);
  client.answer();
  client.tell({ on: 'doubt' });
  client.requests = [];
  expect(client.core.handle({ on: 'failed' })).toContainEqual(expect.objectContaining({ do: 'wait', attempt: 1 }));
});

test('hands over its own message when it is taken, and not again when it is heard', () => {
  const { client } = upToDate();
  client.tell({ on: 'sent', message: messageAt(4) });
  client.tell(heard(4));
  expect(seqs(client)).toEqual([4]);
});

test('hands over changes in their order, after the messages that they change', () => {
  const { server, client } = upToDate();
  server.send(false);
  server.change(3, true);
  server.settle();
  client.tell({ on: 'heard_change', topic: topicOf(1), message: messageAt(4, { change: 1, content: 'changed 1' }) });
  expect(client.changes).toEqual([]);
  client.answer();
  // The message was read as it is now, so there is nothing more to say.
  expect(client.handed.map(({ content }) => content)).toEqual(['changed 1']);
  expect(client.changes).toEqual([]);
  server.change(0, true);
  client.tell({ on: 'heard_change', topic: topicOf(1), message: messageAt(1, { change: 2 }) });
  expect(client.changes.map(({ seq }) => seq)).toEqual([1]);
});

test('hands nothing over while it cannot be taken, holds a bounded number, and reads the rest later', () => {
  const { server, client } = upToDate();
  client.tell({ on: 'full' });
  for (let n = 0; n < 2_000; n += 1) {
    server.send(false);
    client.tell(heard(server.messages.length));
  }
  expect(seqs(client)).toEqual([]);
  expect(client.mostHeld).toBeLessThanOrEqual(500);
  client.settle();
  expect(seqs(client)).toEqual(Array.from({ length: 2_000 }, (_, n) => n + 4));
});

test('does nothing more after the end', () => {
  const { client } = upToDate();
  expect(client.core.handle({ on: 'over', reason: 'removed' })).toEqual([{ do: 'end', reason: 'removed' }]);
  expect(client.core.handle(heard(4))).toEqual([]);
});
