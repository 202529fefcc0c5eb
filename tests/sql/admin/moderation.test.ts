import { expect, test } from 'vitest';
import { freshName, type TestConnection } from '../../support/database.ts';
import {
  become,
  becomeOwner,
  type Cast,
  call,
  cardFor,
  comment,
  expectCounted,
  post,
  withCast,
} from '../posts/support.ts';

const CODE = 'correct horse battery';
const DECIDE = 'select admin.decide_report($1, $2, $3, $4, $5) as settled';

async function operator(db: TestConnection): Promise<string> {
  await becomeOwner(db);
  const name = freshName('op');
  await db.query("select admin.add_operator($1, $2, 'of a test')", [name, CODE]);
  return name;
}

/** Bob and eve report something; gives the id of bob's report. */
async function reported({ db, bob, eve }: Cast, subject: object): Promise<string> {
  const ids: string[] = [];
  for (const who of [bob, eve]) {
    await become(db, who);
    ids.push((await call<{ id: string }>(db, 'report', { ...subject, reason: 'hate', details: 'Look' })).id);
  }
  return ids[0] ?? '';
}

test('the queue shows what was reported, by how many and why', () =>
  withCast(async (cast) => {
    const { db, ada, bob } = cast;
    const { id } = await post(db, ada, { content: 'Awful' });
    const report = await reported(cast, { post_id: id });
    await becomeOwner(db);
    expect(await db.one('select * from admin.reports where id = $1', [report])).toMatchObject({
      subject_kind: 'post',
      subject_id: id,
      author: ada.username,
      reporter: bob.username,
      reason: 'hate',
      excerpt: 'Awful',
      open_reports_of_subject: '2',
    });
  }));

test('what its author edits or deletes after a report stays with the reports, and they are decided together', () =>
  withCast(async (cast) => {
    const { db, ada } = cast;
    const { id } = await post(db, ada, { content: 'Awful', media_urls: ['https://x.test/awful.jpg'] });
    const said = await comment(db, ada, id, null, 'Worse');
    const [ofPost, ofComment] = [await reported(cast, { post_id: id }), await reported(cast, { comment_id: said.id })];
    await become(db, ada);
    await call(db, 'delete_comment', said.id);
    await db.query('select public.update_post($1, \'{"content": "Lovely"}\')', [id]);
    const seen = 'select subject_id, excerpt, author, is_deleted from admin.reports where id = $1';
    const excerpt = 'Awful\nhttps://x.test/awful.jpg';
    await becomeOwner(db);
    expect(await db.one(seen, [ofPost])).toMatchObject({ excerpt, is_deleted: false });
    await become(db, ada);
    await call(db, 'delete_post', id);
    const name = await operator(db);
    const gone = { author: ada.username, is_deleted: true };
    expect(await db.one(seen, [ofPost])).toEqual({ ...gone, subject_id: id, excerpt });
    expect(await db.one(seen, [ofComment])).toEqual({ ...gone, subject_id: said.id, excerpt: 'Worse' });
    expect(await db.one(DECIDE, [ofPost, name, CODE, 'upheld', 'Against the rules'])).toEqual({ settled: 2 });
    const audit = await db.one('select before from admin.audit_log where target = $1', [id]);
    // Words go with their author; the audit stays without them.
    expect(audit).toEqual({ before: { kind: 'post', author_id: ada.id, state: 'open' } });
    await db.query('delete from auth.users where id = $1', [ada.id]);
    expect(await db.query('select from public.reports where accused_id = $1', [ada.id])).toEqual([]);
  }));

test('who reported something reads of it what was reported; its author reads nothing', () =>
  withCast(async (cast) => {
    const { db, ada, bob } = cast;
    const { id } = await post(db, ada, { content: 'Awful' });
    await reported(cast, { post_id: id });
    await become(db, bob);
    expect(await db.query('select excerpt from public.reports')).toEqual([{ excerpt: 'Awful' }]);
    const forge = "insert into public.reports (post_id, reason, excerpt) values ($1, 'spam', 'Forged')";
    expect(await db.refusal(forge, [id])).toMatchObject({ sqlstate: '42501' });
    await become(db, ada);
    expect(await db.query('select from public.reports')).toEqual([]);
  }));

test('an upheld report removes the post from everybody but its author, settles the others, and is audited', () =>
  withCast(async (cast) => {
    const { db, ada, bob } = cast;
    const { id } = await post(db, ada, { content: 'Awful #tag' });
    const report = await reported(cast, { post_id: id });
    const name = await operator(db);
    expect(await db.one(DECIDE, [report, name, CODE, 'upheld', 'Against the rules'])).toEqual({ settled: 2 });
    expect(await cardFor(db, bob, id)).toBeUndefined();
    expect(await cardFor(db, ada, id)).toMatchObject({ status: 'removed' });
    const restore = await db.refusal('select public.update_post($1, \'{"publish": true}\')', [id]);
    expect(restore).toMatchObject({ code: 'posts.not_found' });
    await become(db, bob);
    expect(await db.query('select state from public.reports')).toEqual([{ state: 'upheld' }]);
    await expectCounted(db);
    expect(await db.query('select from admin.reports where subject_id = $1', [id])).toEqual([]);
    expect(await db.query('select from public.post_tags where post_id = $1', [id])).toEqual([]);
    const audit = 'select operator, action, reason, before, after from admin.audit_log where target = $1';
    expect(await db.one(audit, [id])).toMatchObject({
      operator: name,
      action: 'decide_report',
      reason: 'Against the rules',
      before: { kind: 'post', author_id: ada.id, state: 'open' },
      after: { decision: 'upheld', settled: 2 },
    });
    await db.query('select admin.restore_post($1, $2, $3, $4)', [id, name, CODE, 'By mistake']);
    expect(await cardFor(db, bob, id)).toMatchObject({ status: 'published', tags: ['tag'] });
    await expectCounted(db);
  }));

test('an upheld report empties a comment, whether it has answers or not', () =>
  withCast(async (cast) => {
    const { db, ada, bob } = cast;
    const { id } = await post(db, bob);
    const said = await comment(db, ada, id, null, 'Awful');
    const report = await reported(cast, { comment_id: said.id });
    const name = await operator(db);
    await db.query(DECIDE, [report, name, CODE, 'upheld', 'Against the rules']);
    expect(await cardFor(db, bob, id)).toMatchObject({ comments_count: '0' });
    expect(await db.query('select from public.post_comments($1)', [id])).toEqual([]);
    await expectCounted(db);
  }));

test('a dismissed report changes nothing but itself, and is decided once (reports.decided)', () =>
  withCast(async (cast) => {
    const { db, ada, bob } = cast;
    const { id } = await post(db, ada);
    const report = await reported(cast, { post_id: id });
    const name = await operator(db);
    await db.query(DECIDE, [report, name, CODE, 'dismissed', 'Nothing wrong']);
    expect(await db.refusal(DECIDE, [report, name, CODE, 'upheld', 'After all'])).toMatchObject({
      sqlstate: 'PT409',
      code: 'reports.decided',
    });
    expect(await cardFor(db, bob, id)).toMatchObject({ status: 'published' });
  }));

test('only an operator decides (admin.not_operator), with a reason, about what is there (reports.not_found)', () =>
  withCast(async (cast) => {
    const { db, ada } = cast;
    const { id } = await post(db, ada);
    const report = await reported(cast, { post_id: id });
    const name = await operator(db);
    const attempts: [unknown[], object][] = [
      [[report, name, 'wrong code here', 'upheld', 'Because'], { code: 'admin.not_operator' }],
      [[report, name, CODE, 'upheld', ''], { code: 'admin.reason_required' }],
      [[report, name, CODE, 'maybe', 'Because'], { sqlstate: '22023' }],
      [[id, name, CODE, 'upheld', 'Because'], { code: 'reports.not_found' }],
    ];
    for (const [values, refusal] of attempts) expect(await db.refusal(DECIDE, values)).toMatchObject(refusal);
    await become(db, ada);
    expect(await db.refusal(DECIDE, [report, name, CODE, 'dismissed', 'Mine'])).toMatchObject({ sqlstate: '42501' });
  }));
