import { emptyRequest } from './api/common.ts';
import * as media from './api/media.ts';
import type { ErrorCode } from './errors.ts';
import type { Route } from './routes.ts';

const base = { domain: 'media', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
const write = { ...base, method: 'post', idempotent: true } as const;
const one = { params: media.mediaParams } as const;
const card = { status: 200, schema: media.mediaCard } as const;

const ROOM: readonly ErrorCode[] = [
  ...(['media.type_unsupported', 'media.too_large', 'media.quota_exceeded', 'media.too_many_uploads'] as const),
  ...(['media.field_invalid', 'media.video_unavailable', 'service.storage_unavailable'] as const),
];

/** Every operation of media. */
export const MEDIA_ROUTES: readonly Route[] = [
  {
    ...{ ...write, path: '/upload' },
    summary:
      'Upload a file as multipart/form-data: `bucket`, then `file`. It is streamed to Storage, then checked and cleaned; ask for it until it is ready.',
    form: media.uploadForm,
    answer: { status: 201, schema: media.mediaCard },
    errors: [...ROOM, 'media.form_invalid', 'request.unsupported_media_type'],
  },
  {
    ...{ ...write, path: '/uploads' },
    summary: 'Take a place for a large file, and get an address to which it is put.',
    body: media.startUploadRequest,
    answer: { status: 201, schema: media.startedUpload },
    errors: ROOM,
  },
  {
    ...{ ...read, path: '/usage' },
    summary: 'How much one stores, and how much one may.',
    answer: { status: 200, schema: media.mediaUsage },
    errors: [],
  },
  {
    ...{ ...read, path: '', signedIn: 'optional' },
    summary: 'Those of up to 50 media that one may see, with addresses of their files for an hour.',
    query: media.mediaQuery,
    answer: { status: 200, schema: media.mediaList },
    errors: ['service.storage_unavailable'],
  },
  {
    ...{ ...read, ...one, path: '/{id}', signedIn: 'optional' },
    summary: 'One medium, with addresses of its files for an hour.',
    answer: card,
    errors: ['media.not_found', 'service.storage_unavailable'],
  },
  {
    ...{ ...read, path: '/{id}/{name}', signedIn: 'optional' },
    summary: 'On to one file of a medium: thumbnail, feed, full or poster.',
    params: media.mediaFileParams,
    answer: { status: 302 },
    errors: ['media.not_found', 'service.storage_unavailable'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/finish' },
    summary: 'Say that the file of an upload is there; it is checked and cleaned now.',
    body: emptyRequest,
    answer: card,
    errors: ['media.not_found', 'media.not_uploaded', 'media.too_large', 'media.quota_exceeded'],
  },
  {
    ...{ ...base, ...one, method: 'delete', path: '/{id}', idempotent: true },
    summary: 'Delete one’s own medium that nothing refers to.',
    answer: { status: 200, schema: media.deletedMedia },
    errors: ['media.not_found', 'media.in_use'],
  },
];
