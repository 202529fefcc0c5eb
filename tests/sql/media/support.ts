import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

export type Bucket = 'avatars' | 'covers' | 'posts' | 'messages';

/** A medium that is ready, its files as Storage knows them. */
export interface Medium {
  readonly id: string;
  readonly bucket: Bucket;
  readonly name: string;
  readonly path: string;
}

/** People and media in a transaction that is rolled back. */
export class MediaScene {
  readonly db: TestConnection;

  constructor(db: TestConnection) {
    this.db = db;
  }

  owner(): Promise<void> {
    return this.db.as({ role: 'postgres' });
  }

  async person(): Promise<Person> {
    await this.owner();
    return await this.db.signUp();
  }

  become(person: Person | null): Promise<void> {
    return this.db.as(person === null ? { role: 'anon' } : { role: 'authenticated', sub: person.id });
  }

  async sql<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    await this.owner();
    return await this.db.query<Row>(text, values);
  }

  async as<Row = Record<string, unknown>>(person: Person, text: string, values: readonly unknown[] = []): Promise<Row> {
    await this.become(person);
    return await this.db.one<Row>(text, values);
  }

  /** An upload of somebody, with its object in Storage, whatever state it is in. */
  async upload(owner: Person, bucket: Bucket, size = 1_000): Promise<{ id: string; path: string }> {
    const card = await this.as<{ id: string; path: string }>(owner, 'select * from public.start_media_upload($1)', [
      { bucket, mime_type: 'image/png', size_bytes: size },
    ]);
    await this.put(bucket, card.path, size);
    return card;
  }

  /** What Storage writes when an object has come. */
  async put(bucket: Bucket, name: string, size = 1_000): Promise<void> {
    await this.sql('insert into storage.objects (bucket_id, name, metadata) values ($1, $2, $3)', [
      ...[bucket, name],
      { size, mimetype: 'image/png' },
    ]);
  }

  /** What the worker does with an upload that is as it should be. */
  async ready(owner: Person, bucket: Bucket): Promise<Medium> {
    const { id } = await this.upload(owner, bucket);
    await this.as(owner, 'select public.finish_media_upload($1)', [id]);
    const path = `${owner.id}/${id}/full.webp`;
    await this.put(bucket, path);
    await this.sql("update public.media set attempts = 1, run_after = now() + interval '1 hour' where id = $1", [id]);
    const files = [{ name: 'full', path, mime_type: 'image/webp', size_bytes: 900, width: 1, height: 1 }];
    const facts = { kind: 'image', mime_type: 'image/webp', size_bytes: 900, width: 1, height: 1, files };
    const [done] = await this.sql<{ kept: boolean }>('select app_private.finish_media($1, 1, $2) as kept', [id, facts]);
    if (done?.kept !== true) throw new Error('the upload was not taken');
    return { id, bucket, name: `media:${id}`, path };
  }

  /** Whether somebody finds the object in Storage, and the medium by its id: both must say the same. */
  async sees(viewer: Person | null, medium: Medium): Promise<boolean> {
    await this.become(viewer);
    const objects = await this.db.query('select from storage.objects where bucket_id = $1 and name = $2', [
      medium.bucket,
      medium.path,
    ]);
    const cards = await this.db.query('select from public.media_details($1)', [[medium.id]]);
    if (objects.length !== cards.length) throw new Error(`${objects.length} objects, ${cards.length} cards`);
    return objects.length === 1;
  }

  async post(author: Person, medium: Medium, fields: Record<string, unknown> = {}): Promise<string> {
    const about = { type: 'image', media_urls: [medium.name], ...fields };
    return (await this.as<{ id: string }>(author, 'select id from public.create_post($1)', [about])).id;
  }
}

export function mediaScene(fn: (scene: MediaScene) => Promise<void>): Promise<void> {
  return withRollback((db) => fn(new MediaScene(db)));
}
