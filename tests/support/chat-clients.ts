import { randomUUID } from 'node:crypto';
import { createClient, type RealtimeClientOptions, type SupabaseClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import { expect } from 'vitest';
import type { Conversation, ConversationOptions } from '../../packages/client/src/conversation.ts';
import { joinConversation } from '../../packages/client/src/index.ts';
import type { Message } from '../../packages/client/src/messages.ts';
import { asOperator, type Person } from './api.ts';
import { testEnvironment } from './environment.ts';
import { eventually } from './eventually.ts';
import { clientOf, done, post } from './social-api.ts';

/** supabase-js as an app has it, signed in; what it opened ends with it. */
export type SignedIn = SupabaseClient & AsyncDisposable;

interface SignInOptions {
  /** Another way to the project, such as through a proxy. */
  readonly url?: string;
  readonly realtime?: RealtimeClientOptions;
  readonly fetch?: typeof fetch;
}

/** Supabase-js with a session of its own, which it refreshes. */
export async function signedIn(
  person: Person,
  { url, realtime = {}, ...global }: SignInOptions = {},
): Promise<SignedIn> {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  const client = createClient(url ?? SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime,
    global,
  });
  const { error } = await client.auth.setSession({ access_token: person.token, refresh_token: person.refresh_token });
  expect(error).toBeNull();
  return disposable(client);
}

/** Supabase-js with tokens from elsewhere, as with an identity provider of one's own. */
export function withTokens(
  accessToken: () => Promise<string>,
  { url, realtime = {} }: Omit<SignInOptions, 'fetch'> = {},
): SignedIn {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  return disposable(createClient(url ?? SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { accessToken, realtime }));
}

function disposable(client: SupabaseClient): SignedIn {
  return Object.assign(client, {
    async [Symbol.asyncDispose]() {
      await client.removeAllChannels();
    },
  });
}

/** A token of somebody, as Auth signs them, with an end of one's choice. */
export function tokenOf(id: string, lives_s = 3_600): Promise<string> {
  const secret = process.env['SUPABASE_JWT_SECRET'];
  if (!secret)
    throw new Error('SUPABASE_JWT_SECRET is not set: tokens of a chosen end are made on the local stack only.');
  const exp = Math.floor(Date.now() / 1_000) + lives_s;
  return new SignJWT({ sub: id, role: 'authenticated', aud: 'authenticated', exp, jti: randomUUID() })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
}

/** Lifts the limit of messages a minute: these tests send more than people do. */
export async function liftChatLimits(): Promise<void> {
  await asOperator('update app_private.chat_rules set messages_per_minute = null');
}

/** A direct conversation of two people who follow each other. */
export async function directConversation(one: Person, other: Person): Promise<string> {
  for (const [follower, followee] of [
    [one, other],
    [other, one],
  ] as const) {
    done(await post(follower, `users/follow/${followee.id}`));
  }
  const sent = done<Message>(await post(one, 'messages', { receiver_id: other.id, content: 'First' }), 201);
  return sent.conversation_id;
}

export interface Room {
  readonly groupId: string;
  readonly conversationId: string;
}

/** A public group with these members, and its conversation. */
export async function groupConversation(
  owner: Person,
  members: readonly { readonly id: string }[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Room> {
  const { data, error } = await clientOf(owner).rpc('create_group', { p: { name: 'Chat of a test', ...fields } });
  expect(error).toBeNull();
  const groupId = (data as { id: string }).id;
  await asOperator(
    "insert into public.group_members (group_id, user_id, role) select $1, id, 'member' from unnest($2::uuid[]) u (id)",
    [groupId, members.map(({ id }) => id)],
  );
  const [conversation] = await asOperator<{ id: string }>('select id from public.conversations where group_id = $1', [
    groupId,
  ]);
  return { groupId, conversationId: conversation?.id ?? '' };
}

/** A followed conversation, with everything that was handed over. */
export interface Follower {
  readonly chat: Conversation;
  readonly messages: Message[];
  readonly changes: Message[];
  readonly lives: boolean[];
  readonly ends: string[];
}

/** Joins, and waits until what is sent arrives at once. */
export async function follow(
  client: SupabaseClient,
  id: string,
  options: Partial<ConversationOptions> = {},
): Promise<Follower> {
  const messages: Message[] = [];
  const changes: Message[] = [];
  const lives: boolean[] = [];
  const ends: string[] = [];
  const chat = await joinConversation(client, id, {
    onMessage: (message) => void messages.push(message),
    onChange: (message) => void changes.push(message),
    onLive: (isLive) => void lives.push(isLive),
    onEnd: (reason) => void ends.push(reason),
    ...options,
  });
  await chat.live();
  // Receipts come on one's own topic, which being live does not wait for.
  await eventually('its own topic is joined', async () =>
    client.getChannels().some(({ topic, state }) => topic.startsWith('realtime:user:') && state === 'joined'),
  );
  return { chat, messages, changes, lives, ends };
}

/** Waits until a follower has everything up to a seq, and asserts that it had each message once and in order. */
export async function expectAll(
  { messages }: Follower,
  first: number,
  last: number,
  deadline_ms = 30_000,
): Promise<void> {
  await eventually(`message ${last} was handed over`, async () => (messages.at(-1)?.seq ?? 0) >= last, {
    deadline_ms,
    every_ms: 20,
  }).catch((error: Error) => {
    throw new Error(`${error.message}; the last one is ${messages.at(-1)?.seq}`);
  });
  expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: last - first + 1 }, (_, n) => first + n));
}
