import type { ErrorEntry } from './error-entry.ts';

/** The codes of media. Those of a refused upload also stand in its field `error`. */
export const MEDIA_ERRORS = {
  'media.not_found': {
    status: 404,
    detail: 'There is no such medium.',
    hint: 'It may have been deleted, or is not shown to you.',
  },
  'media.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/media.md.',
  },
  'media.form_invalid': {
    status: 400,
    detail: 'The body is not a form with the fields that are needed.',
    hint: 'Send multipart/form-data: `bucket` first, then one `file`, whole.',
  },
  'media.type_unsupported': {
    status: 415,
    detail: 'This type of file is not taken.',
    hint: 'Send JPEG, PNG, WebP, GIF or AVIF, and to posts and messages also MP4, MOV, WebM, MP3, M4A, Ogg or WAV. The name of a file does not matter, its content does.',
  },
  'media.too_large': {
    status: 413,
    detail: 'The file is too large.',
    hint: 'Compare it with the limits in docs/media.md; large files go up by POST media/uploads.',
  },
  'media.too_long': {
    status: 422,
    detail: 'The recording is too long.',
    hint: 'Compare it with the limits in docs/media.md.',
  },
  'media.too_many_pixels': {
    status: 422,
    detail: 'The picture has too many pixels, whatever its file weighs.',
    hint: 'Make it smaller, and upload it again.',
  },
  'media.broken': {
    status: 422,
    detail: 'The file cannot be read as what it says it is.',
    hint: 'Open it on your side, save it again, and upload that.',
  },
  'media.polyglot': {
    status: 422,
    detail: 'Something else is hidden in the file.',
    hint: 'Upload the picture or recording alone.',
  },
  'media.unprocessable': {
    status: 422,
    detail: 'The file could not be worked on, however often it was tried.',
    hint: 'Save it in another format, and upload that.',
  },
  'media.quota_exceeded': {
    status: 413,
    detail: 'There is no room for that.',
    hint: 'Delete media that you no longer need; GET media/usage says how much there is.',
  },
  'media.too_many_uploads': {
    status: 429,
    detail: 'Too many uploads have begun and not ended.',
    hint: 'Finish or delete some of them. What is left alone, and the room of what was deleted, comes back within three hours.',
  },
  'media.not_uploaded': {
    status: 409,
    detail: 'There is no object yet.',
    hint: 'Upload it to `path` of its bucket first.',
  },
  'media.not_ready': {
    status: 409,
    detail: 'This medium is not ready.',
    hint: 'Ask GET media/<id> until its state is ready, and send this again.',
  },
  'media.not_usable': {
    status: 422,
    detail: 'You have no such medium for this.',
    hint: 'Upload it to the bucket of what shall name it, and name it as media:<id>.',
  },
  'media.used_too_often': {
    status: 422,
    detail: 'This medium is already used in many places.',
    hint: 'Upload it again.',
  },
  'media.in_use': {
    status: 409,
    detail: 'Something refers to this medium.',
    hint: 'Take it out of the posts, messages, profile or group that name it; then it goes by itself.',
  },
  'media.video_unavailable': {
    status: 503,
    detail: 'Video and audio cannot be taken at the moment.',
    hint: 'Send images; the operators have to install ffmpeg beside the worker.',
  },
} as const satisfies Record<string, ErrorEntry>;
