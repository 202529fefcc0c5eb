import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Person, signUp } from '../support/api.ts';
import { follow, groupConversation, liftChatLimits, type SignedIn, signedIn } from '../support/chat-clients.ts';
import { connect } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { clientOf, done, post, put } from '../support/social-api.ts';
import { freshTopic, listen, type RealtimeFixture, realtimeFixture, subscribe } from './fixture.ts';

const TABLES = ['groups', 'group_members', 'conversations', 'conversation_members', 'messages', 'posts', 'post_counts'];

/** Joins a channel with a socket of its own; gives the refusal, or null, and pushes all that is heard. */
async function listenTo(client: SignedIn, topic: string, isPrivate: boolean, heard: unknown[]): Promise<string | null> {
  await client.realtime.setAuth();
  return await new Promise((resolve) => {
    client
      .channel(topic, { config: { private: isPrivate, presence: { key: randomUUID() } } })
      .on('broadcast', { event: '*' }, (message) => heard.push(message))
      .on('presence', { event: 'join' }, (message) => heard.push(message))
      .subscribe((status, error) => resolve(status === 'SUBSCRIBED' ? null : (error?.message ?? status)));
  });
}

/** Listens to changes of rows in every table that a group writes; says nothing of those that nobody can listen to. */
async function listenToRows(client: SignedIn, heard: unknown[]): Promise<void> {
  for (const table of TABLES) {
    await new Promise<void>((resolve) => {
      client
        .channel(freshTopic())
        .on('postgres_changes', { event: '*', schema: 'public', table }, (change) => heard.push(change))
        .on('system', {}, () => resolve())
        .subscribe();
    });
  }
}

/** All that happens in a group. */
async function liveIn(groupId: string, owner: Person, member: Person): Promise<void> {
  done(await put(owner, `groups/${groupId}`, { description: 'Changed' }));
  done(await post(owner, 'posts', { content: 'Among us', group_id: groupId }), 201);
  done(await post(owner, 'messages', { group_id: groupId, content: 'Psst' }), 201);
  done(await post(member, `groups/${groupId}/leave`));
  done(await post(owner, `groups/${groupId}/invitations`, { user_id: member.id }));
  done(await post(member, `groups/${groupId}/invitations/accept`));
}

test('an outsider hears nothing of a secret group, by changes of rows, by its channels or by presence', async () => {
  await liftChatLimits();
  const [ana, ben, eve] = await Promise.all([signUp('ana'), signUp('ben'), signUp('eve')]);
  const room = await groupConversation(ana, [ben], { visibility: 'secret' });
  await using hers = await signedIn(ana);
  await using stack = new AsyncDisposableStack();
  const present: string[] = [];
  const writer = await follow(hers, room.conversationId, { onPresence: (ids) => void present.push(...ids) });
  await using his = await signedIn(ben);
  const reader = await follow(his, room.conversationId, { onPresence: () => undefined });
  await eventually('they see each other', async () => present.includes(ben.id));

  const heard: unknown[] = [];
  const socket = async () => stack.use(await signedIn(eve));
  await listenToRows(await socket(), heard);
  for (const name of ['conversation', 'typing']) {
    const refusal = async (id: string) =>
      (await listenTo(await socket(), `${name}:${id}:1`, true, heard))?.replaceAll(id, 'ID');
    expect(await refusal(room.conversationId)).toBe(await refusal(randomUUID()));
    expect(await refusal(room.groupId)).toMatch(/Unauthorized/);
    // A public channel of the same name is another world.
    expect(await listenTo(await socket(), `${name}:${room.conversationId}:1`, false, heard)).toBeNull();
  }
  expect(await listenTo(await socket(), `user:${eve.id}`, true, heard)).toBeNull();
  expect(await listenTo(await socket(), `user:${ana.id}`, true, heard)).toMatch(/Unauthorized/);

  await liveIn(room.groupId, ana, ben);
  await eventually('the members heard', async () => writer.messages.length === 1 && reader.messages.length === 1);
  writer.chat.typing();
  // What comes after all that on a channel of hers is heard: the server had told her everything else by then.
  const followed = await clientOf(ana).rpc('send_message', { p: { receiver_id: eve.id, content: 'Hello' } });
  expect(followed.error).toBeNull();
  await eventually('what is for her', async () => heard.length > 0);
  expect(heard).toMatchObject([{ event: 'conversation_added' }]);
});

/** Publishes the tables, as a project may that does not heed the docs, and gives somebody who listens to each of them. */
async function listener(realtime: RealtimeFixture, id: string) {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const token = await realtime.sign({ sub: id, role: 'authenticated', exp, jti: randomUUID() });
  const client = realtime.client({ id, token });
  await client.realtime.setAuth();
  const rows: { table: string; type: string }[] = [];
  const heard = listen(client, freshTopic());
  for (const table of TABLES) {
    heard.channel.on('postgres_changes', { event: '*', schema: 'public', table }, ({ eventType }) =>
      rows.push({ table, type: eventType }),
    );
  }
  expect(await subscribe(heard)).toBe('joined');
  await eventually('it listens', async () => heard.system.length > 0);
  return { rows, client };
}

test('policies keep an outsider from rows of a secret group even where its tables are published', async () => {
  await using realtime = await realtimeFixture();
  const { db } = realtime;
  await db.query(
    `alter publication supabase_realtime add table ${TABLES.map((table) => `public.${table}`).join(', ')}`,
  );
  const [ana, ben, eve] = [await db.signUp(), await db.signUp(), await db.signUp()];
  const [member, outsider] = [await listener(realtime, ben.id), await listener(realtime, eve.id)];
  const { database, host, port, password, user } = db.client;
  const url = Object.assign(new URL('postgres://x'), {
    username: user,
    password,
    hostname: host,
    port: `${port}`,
    pathname: database,
  });
  await using other = await connect(url.href);
  const as = async (sql: string, values: unknown[]) => {
    await other.query('begin');
    await other.as({ role: 'authenticated', sub: ana.id });
    const rows = await other.query<{ id: string }>(sql, values);
    await other.query('commit');
    return rows[0]?.id ?? '';
  };
  const group = await as('select id from public.create_group($1)', [{ name: 'Hidden', visibility: 'secret' }]);
  await db.query('insert into public.group_members (group_id, user_id) values ($1, $2)', [group, ben.id]);
  await as('select id from public.update_group($1, $2)', [group, { description: 'Changed' }]);
  await as('select id from public.send_message($1)', [{ group_id: group, content: 'Psst' }]);
  await as('select id from public.create_post($1)', [{ group_id: group, content: 'Among us' }]);
  const seen = () => new Set(member.rows.map(({ table }) => table));
  await eventually(
    'the member saw it',
    async () => seen().has('groups') && seen().has('messages') && seen().has('posts'),
  );
  // A public group afterwards is seen by both: all changes before it were handed out.
  await as('select id from public.create_group($1)', [{ name: 'Open', visibility: 'public' }]);
  await eventually('the outsider saw the other one', async () => outsider.rows.some(({ table }) => table === 'groups'));
  expect(outsider.rows.filter(({ table }) => table === 'groups')).toHaveLength(1);
  expect(outsider.rows.filter(({ table }) => table !== 'groups' && table !== 'group_members')).toEqual([]);
});
