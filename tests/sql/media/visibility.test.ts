import { describe, expect, test } from 'vitest';
import { mediaScene } from './support.ts';

describe('a medium of a post', () => {
  test('is seen by its owner alone until something names it', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const medium = await scene.ready(ana, 'posts');
      expect([await scene.sees(ana, medium), await scene.sees(ben, medium), await scene.sees(null, medium)]).toEqual([
        true,
        false,
        false,
      ]);
    }));

  test('is seen by whoever sees the post, and by nobody else', () =>
    mediaScene(async (scene) => {
      const [ana, friend, stranger] = [await scene.person(), await scene.person(), await scene.person()];
      await scene.sql('select app_private.follow($1, $2), app_private.follow($2, $1)', [ana.id, friend.id]);
      const seen = async (visibility: string) => {
        const medium = await scene.ready(ana, 'posts');
        await scene.post(ana, medium, { visibility });
        return [await scene.sees(friend, medium), await scene.sees(stranger, medium), await scene.sees(null, medium)];
      };
      expect(await seen('public')).toEqual([true, true, true]);
      expect(await seen('friends')).toEqual([true, false, false]);
      expect(await seen('private')).toEqual([false, false, false]);
    }));

  test('is gone for whoever is blocked, in the same moment', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const medium = await scene.ready(ana, 'posts');
      await scene.post(ana, medium);
      expect(await scene.sees(ben, medium)).toBe(true);
      await scene.sql('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [ana.id, ben.id]);
      expect(await scene.sees(ben, medium)).toBe(false);
    }));

  test('stays with how the post read before, for those who read that', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const [old, fresh] = [await scene.ready(ana, 'posts'), await scene.ready(ana, 'posts')];
      const post = await scene.post(ana, old);
      await scene.as(ana, 'select id from public.update_post($1, $2)', [post, { media_urls: [fresh.name] }]);
      expect([await scene.sees(ben, old), await scene.sees(ben, fresh)]).toEqual([true, true]);
      await scene.as(ana, "update public.posts set visibility = 'private' where id = $1 returning id", [post]);
      expect([await scene.sees(ben, old), await scene.sees(ben, fresh)]).toEqual([false, false]);
    }));

  test('is not seen before it is ready, and the upload itself never', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const { id, path } = await scene.upload(ana, 'posts');
      const upload = { id, bucket: 'posts' as const, name: `media:${id}`, path };
      expect([await scene.sees(ana, upload), await scene.sees(ben, upload)]).toEqual([true, false]);
      const medium = await scene.ready(ana, 'posts');
      await scene.post(ana, medium);
      await scene.become(ben);
      const names = await scene.db.query<{ name: string }>('select name from storage.objects where name like $1', [
        `${ana.id}/${medium.id}/%`,
      ]);
      expect(names.map(({ name }) => name)).toEqual([medium.path]);
    }));
});

describe('a medium of a message', () => {
  async function conversation(scene: Parameters<Parameters<typeof mediaScene>[0]>[0]) {
    const [ana, ben, eve] = [await scene.person(), await scene.person(), await scene.person()];
    await scene.sql('select app_private.follow($1, $2), app_private.follow($2, $1)', [ana.id, ben.id]);
    const medium = await scene.ready(ana, 'messages');
    const sent = await scene.as<{ conversation_id: string; seq: string; id: string }>(
      ana,
      'select conversation_id, seq, id from public.send_message($1)',
      [{ receiver_id: ben.id, kind: 'image', media_urls: [medium.name], client_id: crypto.randomUUID() }],
    );
    return { ana, ben, eve, medium, sent };
  }

  test('is seen by those who read it, and gone when it is deleted for all', () =>
    mediaScene(async (scene) => {
      const { ana, ben, eve, medium, sent } = await conversation(scene);
      expect([await scene.sees(ben, medium), await scene.sees(eve, medium), await scene.sees(null, medium)]).toEqual([
        true,
        false,
        false,
      ]);
      await scene.as(ana, "select public.delete_message($1, 'all')", [sent.id]);
      expect(await scene.sees(ben, medium)).toBe(false);
    }));

  test('is gone for whoever deleted the message for themselves, and when its time is over', () =>
    mediaScene(async (scene) => {
      const { ben, medium, sent } = await conversation(scene);
      await scene.sql('insert into public.message_hides (user_id, conversation_id, seq) values ($1, $2, $3)', [
        ...[ben.id, sent.conversation_id, sent.seq],
      ]);
      expect(await scene.sees(ben, medium)).toBe(false);
      await scene.sql('delete from public.message_hides where user_id = $1', [ben.id]);
      await scene.sql("update public.messages set expires_at = now() - interval '1 second' where id = $1", [sent.id]);
      expect(await scene.sees(ben, medium)).toBe(false);
    }));

  test('is passed on by whoever forwards it, and by nobody who only knows its id (media.not_usable)', () =>
    mediaScene(async (scene) => {
      const { ben, eve, medium, sent } = await conversation(scene);
      await scene.sql('select app_private.follow($1, $2), app_private.follow($2, $1)', [ben.id, eve.id]);
      const own = { receiver_id: eve.id, client_id: crypto.randomUUID() };
      await scene.become(ben);
      const refused = await scene.db.refusal('select public.send_message($1)', [
        { ...own, kind: 'image', media_urls: [medium.name] },
      ]);
      expect(refused.code).toBe('media.not_usable');
      await scene.as(ben, 'select id from public.send_message($1)', [{ ...own, forward_of: sent.id }]);
      expect(await scene.sees(eve, medium)).toBe(true);
      // Whose account is gone, of them nobody reads a message.
      await scene.sql('delete from auth.users where id = $1', [ben.id]);
      expect(await scene.sees(eve, medium)).toBe(false);
    }));
});

describe('pictures of people and groups', () => {
  test('a picture of a profile is seen by everybody but the blocked', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const medium = await scene.ready(ana, 'avatars');
      await scene.as(ana, 'update public.profiles set avatar_url = $2 where id = $1 returning id', [
        ana.id,
        medium.name,
      ]);
      expect([await scene.sees(ben, medium), await scene.sees(null, medium)]).toEqual([true, true]);
      await scene.sql('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [ben.id, ana.id]);
      expect(await scene.sees(ben, medium)).toBe(false);
    }));

  test('the cover of a secret group is seen by its members alone', () =>
    mediaScene(async (scene) => {
      const [ana, member, stranger] = [await scene.person(), await scene.person(), await scene.person()];
      const medium = await scene.ready(ana, 'covers');
      const { id } = await scene.as<{ id: string }>(ana, 'select id from public.create_group($1)', [
        { name: 'Secret', visibility: 'secret', cover_url: medium.name },
      ]);
      await scene.sql('insert into public.group_members (group_id, user_id) values ($1, $2)', [id, member.id]);
      expect([
        await scene.sees(member, medium),
        await scene.sees(stranger, medium),
        await scene.sees(null, medium),
      ]).toEqual([true, false, false]);
      await scene.sql('delete from public.group_members where user_id = $1', [member.id]);
      expect(await scene.sees(member, medium)).toBe(false);
    }));
});
