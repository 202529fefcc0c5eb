import type { ErrorEntry } from './error-entry.ts';

/** The codes of requests as such. */
export const REQUEST_ERRORS = {
  'request.malformed_json': {
    status: 400,
    detail: 'The body is not valid JSON.',
    hint: 'Send one JSON object in UTF-8.',
  },
  'request.invalid': {
    status: 400,
    detail: 'Some of the values sent are not acceptable.',
    hint: 'Mend the fields listed in `errors`.',
  },
  'request.invalid_cursor': {
    status: 400,
    detail: 'The cursor is not one that this list gave out.',
    hint: 'Start without a cursor, then pass `next_cursor` unchanged.',
  },
  'request.not_found': {
    status: 404,
    detail: 'There is nothing at this path.',
    hint: 'Compare the path with the API pages in docs/.',
  },
  'request.method_not_allowed': {
    status: 405,
    detail: 'This path does not answer this method.',
    hint: 'Use one of the methods in the Allow header.',
  },
  'request.too_large': {
    status: 413,
    detail: 'The body is too large.',
    hint: 'Send at most 64 KiB of JSON.',
  },
  'request.unsupported_media_type': {
    status: 415,
    detail: 'The body is not declared as JSON.',
    hint: 'Send the header Content-Type: application/json.',
  },
  'request.unprocessable': {
    status: 422,
    detail: 'The database refused one of the values.',
    hint: 'Compare the values with the limits in the API pages in docs/.',
  },
} as const satisfies Record<string, ErrorEntry>;
