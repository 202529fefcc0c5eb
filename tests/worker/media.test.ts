import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { caughtUp } from './fixture.ts';
import { ownStores } from './stores.ts';

const medium = () => ({ media_id: randomUUID(), user_id: randomUUID(), bucket: 'posts' });

const facts = {
  ...{ kind: 'image', mime_type: 'image/webp', size_bytes: 900, width: 2, height: 1, duration_ms: null },
  ...{ blurhash: 'L00000', files: [{ name: 'full', path: 'a/b/full.webp', mime_type: 'image/webp', size_bytes: 900 }] },
};
const gone = { name: null, reason: 'unused', attempts: 1, requested_at: '2026-11-28T20:00:00+00:00' };

test('MongoDB says of each medium what it is and when it went, in whatever order that is told', async () => {
  await using stores = await ownStores();
  const [kept, deleted, refused, cleaned] = [medium(), medium(), medium(), medium()];
  await stores.emit(
    { type: 'media.deleted', payload: { ...deleted, ...gone } },
    { type: 'media.ready', payload: { ...kept, ...facts } },
    { type: 'media.ready', payload: { ...deleted, ...facts } },
    { type: 'media.refused', payload: { ...refused, kind: 'image', mime_type: 'image/png', error: 'media.polyglot' } },
    { type: 'media.deleted', payload: { ...cleaned, ...gone, name: 'a/b/original', reason: 'cleaned' } },
  );
  await stores.start();
  await caughtUp(stores);
  const documents = stores.mongo.collection<{ _id: string }>('media');
  const of = (one: { media_id: string }) => documents.findOne({ _id: one.media_id });
  const date = expect.any(Date);
  expect(await of(kept)).toMatchObject({ owner_id: kept.user_id, blurhash: 'L00000', width: 2, ready_at: date });
  expect(await of(kept)).not.toHaveProperty('deleted_at');
  expect(await of(deleted)).toMatchObject({ kind: 'image', ready_at: date, deleted_at: date, deleted_for: 'unused' });
  expect(await of(refused)).toMatchObject({ error: 'media.polyglot', refused_at: date });
  expect(await of(cleaned)).toBeNull();
  const audit = stores.mongo.collection('audit_log');
  expect(await audit.findOne({ subject_ids: cleaned.user_id })).toMatchObject({
    action: 'media.deleted',
    details: { media_id: cleaned.media_id, name: 'a/b/original', reason: 'cleaned' },
  });
});

test('MongoDB forgets the media of who is gone, whatever is told of them afterwards', async () => {
  await using stores = await ownStores();
  const one = medium();
  const other = { ...medium(), user_id: one.user_id };
  await stores.emit({ type: 'media.ready', payload: { ...one, ...facts } });
  await stores.start();
  await caughtUp(stores);
  await stores.emit({ type: 'user.deleted', payload: { user_id: one.user_id } });
  await caughtUp(stores);
  await stores.emit(
    { type: 'media.deleted', payload: { ...one, ...gone, reason: 'account_deleted' } },
    { type: 'media.ready', payload: { ...other, ...facts } },
    { type: 'media.deleted', payload: { ...one, ...gone } },
  );
  await caughtUp(stores);
  expect(await stores.mongo.collection('media').countDocuments({ owner_id: one.user_id })).toBe(0);
});
