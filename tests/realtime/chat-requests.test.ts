import { expect, test } from 'vitest';
import { signUp } from '../support/api.ts';
import { follow, signedIn } from '../support/chat-clients.ts';
import { eventually } from '../support/eventually.ts';
import { done, post } from '../support/social-api.ts';

test('who answers a request sees at once who types, and so does the other', async () => {
  const [ana, eve] = await Promise.all([signUp('ana'), signUp('eve')]);
  const sent = done<{ conversation_id: string }>(
    await post(eve, 'messages', { receiver_id: ana.id, content: 'Hi' }),
    201,
  );
  await using hers = await signedIn(ana);
  await using theirs = await signedIn(eve);
  const typing: string[] = [];
  const onTyping = ({ user_id }: { readonly user_id: string }) => void typing.push(user_id);
  const [asked, asking] = [
    await follow(hers, sent.conversation_id, { onTyping }),
    await follow(theirs, sent.conversation_id, { onTyping }),
  ];
  await asked.chat.send({ content: 'Hello' });
  // Said again with every key; before both are there it is heard by nobody.
  const saying = setInterval(() => [asked, asking].map(({ chat }) => chat.typing()), 50);
  try {
    const soon = { deadline_ms: 20_000 };
    await eventually('each sees the other', async () => typing.includes(ana.id) && typing.includes(eve.id), soon);
  } finally {
    clearInterval(saying);
  }
  expect(new Set(typing)).toEqual(new Set([ana.id, eve.id]));
});
