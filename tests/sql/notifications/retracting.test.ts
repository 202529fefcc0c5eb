import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type Card, type Scene, scene } from './support.ts';

const kindsOf = (cards: readonly Card[]) => cards.map(({ kind }) => kind);
const mute = (s: Scene, who: Person, whom: Person) =>
  s.sql('insert into public.mutes (muter_id, muted_id) values ($1, $2)', [who.id, whom.id]);

async function some(s: Scene, count: number): Promise<[Person, Person, Person]> {
  const [ada, bob, eve] = await s.people(count);
  if (!ada || !bob) throw new Error('no people');
  return [ada, bob, eve ?? bob];
}

describe('what is gone is not told any more', () => {
  test('a reply that was deleted, but not while another one of the same person is there', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await some(s, 3);
      const post = await s.post(eve);
      const comment = await s.comment(ada, post, 'Mine');
      const replies = [await s.comment(bob, post, 'One', comment), await s.comment(bob, post, 'Two', comment)];
      const replied = async () => (await s.told(ada)).filter(({ kind }) => kind === 'reply');
      expect(await replied()).toMatchObject([{ actors: [{ id: bob.id }], data: { comment_id: replies[1] } }]);
      await s.sql('delete from public.comments where id = $1', [replies[1]]);
      expect(await replied()).toHaveLength(1);
      await s.sql('delete from public.comments where id = $1', [replies[0]]);
      expect(await replied()).toEqual([]);
    }));

  test('a reply or a comment that was told as a mention takes nobody off those who were told of otherwise', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await some(s, 3);
      const zoe = await s.person();
      const post = await s.post(eve);
      const comment = await s.comment(ada, post, 'Mine');
      await s.comment(zoe, post, 'A reply', comment);
      await s.tell();
      await s.sql(
        "update public.notifications set more_actors = 5 where kind in ('reply', 'comment') and user_id = any ($1)",
        [[ada.id, eve.id]],
      );
      const words = `@${ada.username} and @${eve.username}`;
      for (const parent of [comment, null]) {
        const mine = await s.comment(bob, post, words, parent);
        await s.tell();
        await s.sql('delete from public.comments where id = $1', [mine]);
        await s.tell();
      }
      const more =
        "select kind, more_actors as more from public.notifications where kind in ('reply', 'comment') and user_id = any ($1) order by kind";
      expect(await s.sql(more, [[ada.id, eve.id]])).toEqual([
        { kind: 'comment', more: 5 },
        { kind: 'reply', more: 5 },
      ]);
    }));

  test('a reply that was deleted, while one is there that was told as a mention', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await some(s, 3);
      const post = await s.post(eve);
      const comment = await s.comment(ada, post, 'Mine');
      const reply = await s.comment(bob, post, 'One', comment);
      await s.comment(bob, post, `Two, @${ada.username}`, comment);
      expect(kindsOf(await s.told(ada))).toEqual(['mention', 'reply']);
      await s.sql('delete from public.comments where id = $1', [reply]);
      expect(kindsOf(await s.told(ada))).toEqual(['mention']);
    }));

  test('a share that was deleted', () =>
    scene(async (s) => {
      const [ada, bob] = await some(s, 2);
      const post = await s.post(ada);
      const share = await s.post(bob, { type: 'share', content: null, shared_post_id: post });
      expect(await s.told(ada)).toMatchObject([{ kind: 'share', data: { share_id: share } }]);
      await s.sql('delete from public.posts where id = $1', [share]);
      expect(await s.told(ada)).toEqual([]);
    }));

  test('a mention that was edited out of a post or a comment', () =>
    scene(async (s) => {
      const [ada, bob] = await some(s, 2);
      const post = await s.post(bob, { content: `Hello @${ada.username}` });
      const comment = await s.comment(bob, post, `And @${ada.username}`);
      expect(kindsOf(await s.told(ada))).toEqual(['mention', 'mention']);
      await s.call(bob, 'update_post', post, { content: 'Hello' });
      expect(await s.told(ada)).toMatchObject([{ subject: { type: 'comment', id: comment } }]);
      await s.sql("update public.comments set content = 'And' where id = $1", [comment]);
      expect(await s.told(ada)).toEqual([]);
    }));

  describe('messages', () => {
    const written = async (s: Scene, from: Person, to: Person, content = 'Hello') => {
      const id = randomUUID();
      const row = await s.one<{ conversation_id: string; id: string }>(from, 'send_message', {
        ...{ receiver_id: to.id, content, client_id: id },
      });
      return row;
    };

    test('that were deleted for all or have disappeared, when none is left', () =>
      scene(async (s) => {
        const [ada, bob] = await some(s, 2);
        await s.follow(ada, bob);
        const [one, two] = [await written(s, bob, ada), await written(s, bob, ada)];
        expect(kindsOf(await s.told(ada))).toEqual(['message']);
        await s.call(bob, 'delete_message', two.id);
        expect(kindsOf(await s.told(ada))).toEqual(['message']);
        await s.sql("update public.messages set expires_at = now() - interval '1 second' where id = $1", [one.id]);
        expect(await s.told(ada)).toEqual([]);
        expect(await s.counts(ada)).toMatchObject({ unread_count: 0 });
      }));

    test('of a conversation that was muted since, until it is not', () =>
      scene(async (s) => {
        const [ada, bob] = await some(s, 2);
        await s.follow(ada, bob);
        const { conversation_id } = await written(s, bob, ada);
        await s.tell();
        await s.call(ada, 'mute_conversation', conversation_id, true, null);
        expect(await s.told(ada)).toEqual([]);
        await s.call(ada, 'mute_conversation', conversation_id, false, null);
        expect(kindsOf(await s.told(ada))).toEqual(['message']);
      }));

    test('and mentions of a group that was left', () =>
      scene(async (s) => {
        const [ada, bob] = await some(s, 2);
        const { id: group_id } = await s.one<{ id: string }>(bob, 'create_group', { name: 'Hikers' });
        await s.sql('insert into public.group_members (group_id, user_id) values ($1, $2)', [group_id, ada.id]);
        await s.call(bob, 'send_message', { group_id, content: 'To all' });
        await s.call(bob, 'send_message', { group_id, content: `To @${ada.username}` });
        expect(kindsOf(await s.told(ada))).toEqual(expect.arrayContaining(['message', 'mention']));
        await s.call(ada, 'leave_group', group_id);
        expect(kindsOf(await s.told(ada)).filter((kind) => ['message', 'mention'].includes(kind))).toEqual([]);
      }));
  });
});

describe('of several people, what is one’s own is hidden with them', () => {
  test('the subject and the data are those of the latest who may be seen, in the list and in the table', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await some(s, 3);
      const post = await s.post(ada);
      await s.follow(bob, ada);
      await s.follow(eve, ada);
      const [bobs, eves] = [await s.comment(bob, post), await s.comment(eve, post)];
      const find = (cards: Card[], kind: string) => cards.find((card) => card.kind === kind);
      const before = await s.told(ada);
      expect(find(before, 'follow')).toMatchObject({ subject: { type: 'person', id: eve.id } });
      expect(find(before, 'comment')).toMatchObject({ data: { post_id: post, comment_id: eves } });
      await mute(s, ada, eve);
      const after = await s.list(ada);
      expect(find(after, 'follow')).toMatchObject({ subject: { type: 'person', id: bob.id } });
      expect(find(after, 'comment')).toMatchObject({ data: { post_id: post, comment_id: bobs } });
      await s.become(ada);
      const rows = JSON.stringify(await s.db.query('select * from public.notifications'));
      expect(rows).not.toContain(eve.id);
      expect(rows).not.toContain(eves);
    }));
});

test('marking what is marked already tells nobody', () =>
  scene(async (s) => {
    const [ada, bob] = await some(s, 2);
    await s.follow(bob, ada);
    await s.tell();
    const marks = async () =>
      (
        await s.sql<{ marks: string }>('select marks from app_private.notification_states where user_id = $1', [ada.id])
      )[0]?.marks;
    await s.call(ada, 'mark_all_notifications_read');
    const once = await marks();
    await s.call(ada, 'mark_all_notifications_read');
    expect([once, await marks()]).toEqual(['1', '1']);
  }));

test('messages that were read in their conversation end the notification as one that was read here', () =>
  scene(async (s) => {
    const [ada, bob] = await some(s, 2);
    await s.follow(ada, bob);
    const write = () =>
      s.one<{ conversation_id: string }>(bob, 'send_message', { receiver_id: ada.id, content: 'Hello' });
    const { conversation_id } = await write();
    await s.tell();
    await s.call(ada, 'mark_read', conversation_id);
    await s.sql("update public.notifications set created_at = now() - interval '2 days' where user_id = $1", [ada.id]);
    await write();
    expect(await s.told(ada)).toMatchObject([
      { kind: 'message', events_count: 1, is_read: false },
      { kind: 'message', events_count: 1, is_read: true },
    ]);
  }));

test('beyond the hundredth, only who was counted is taken off the number', () =>
  scene(async (s) => {
    const [ada, bob] = await some(s, 2);
    const post = await s.post(ada);
    await s.like(bob, post);
    await s.tell();
    await s.sql("update public.notifications set more_actors = 5 where user_id = $1 and kind = 'like'", [ada.id]);
    const more = async () =>
      (
        await s.sql<{ more: number }>('select more_actors as more from public.notifications where user_id = $1', [
          ada.id,
        ])
      )[0]?.more;
    // Bob is one of the hundred, and says so twice; whoever is muted was never counted.
    for (let n = 0; n < 2; n += 1) {
      await s.unlike(bob, post);
      await s.tell();
      await s.like(bob, post);
      await s.tell();
    }
    expect(await more()).toBe(5);
    const eve = await s.person();
    await mute(s, ada, eve);
    await s.like(eve, post);
    await s.tell();
    await s.unlike(eve, post);
    await s.tell();
    expect(await more()).toBe(5);
  }));
