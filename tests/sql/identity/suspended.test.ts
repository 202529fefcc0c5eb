import { expect, test } from 'vitest';
import { becomeOwner, comment, post, withCast } from '../posts/support.ts';

test('who is suspended writes nothing more by supabase-js, reads on, and takes back what they did (auth.user_banned)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const { id } = await post(db, ada, { poll: { options: ['Red', 'Green'], ends_at: inAWeek } });
    const other = await post(db, ada);
    const mine = await post(db, bob);
    const { id: said } = await comment(db, bob, id);
    await db.query('select public.like_post($1)', [id]);
    const { group } = await db.one<{ group: string }>(
      'select id as group from public.create_group(\'{"name": "Hikers"}\')',
    );
    const ban = 'update auth.users set banned_until = now() + $2::interval where id = $1';
    await becomeOwner(db);
    await db.query(ban, [bob.id, '1 day']);
    await db.as({ role: 'authenticated', sub: bob.id });
    const writes: readonly (readonly [sql: string, values: unknown[]])[] = [
      ['select public.create_post(\'{"content": "Hello"}\')', []],
      ["insert into public.posts (content) values ('Hello')", []],
      ['select public.update_post($1, \'{"content": "Other"}\')', [mine.id]],
      ['update public.posts set pinned_at = now() where id = $1', [mine.id]],
      ["select public.add_comment($1, 'Well')", [id]],
      ["select public.edit_comment($1, 'Other')", [said]],
      ['select public.like_post($1)', [other.id]],
      ['select public.like_comment($1)', [said]],
      ['select public.bookmark_post($1)', [id]],
      ["select public.vote_in_poll($1, '{1}')", [id]],
      ["select public.report(jsonb_build_object('post_id', $1::uuid, 'reason', 'spam'))", [id]],
      ['insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [bob.id, eve.id]],
      ['insert into public.mutes (muter_id, muted_id) values ($1, $2)', [bob.id, eve.id]],
      ["update public.profiles set bio = 'Buy' where id = $1", [bob.id]],
      [
        "insert into public.verification_requests (kind, level, statement) values ('verification', 'blue', 'It is me, really')",
        [],
      ],
      ['select public.create_group(\'{"name": "Other"}\')', []],
      ['select public.update_group($1, \'{"description": "Other"}\')', [group]],
      ['select public.invite_to_group($1, $2)', [group, eve.id]],
      ['select public.ban_from_group($1, $2)', [group, eve.id]],
    ];
    for (const [sql, values] of writes) {
      expect(await db.refusal(sql, values), sql).toMatchObject({ sqlstate: 'PT403', code: 'auth.user_banned' });
    }
    expect(await db.query('select id from public.post_cards($1)', [[id]])).toEqual([{ id }]);
    await db.query('select public.unlike_post($1)', [id]);
    expect(await db.one('select public.delete_post($1) as gone', [mine.id])).toEqual({ gone: true });
    // It was over a moment ago.
    await becomeOwner(db);
    await db.query(ban, [bob.id, '-1 second']);
    await db.as({ role: 'authenticated', sub: bob.id });
    await db.query('select public.like_post($1)', [other.id]);
  }));
