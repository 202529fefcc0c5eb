import type { ErrorEntry } from './error-entry.ts';

/** The codes of calls. */
export const CALL_ERRORS = {
  'calls.not_found': {
    status: 404,
    detail: 'There is no such call.',
    hint: 'Take an id from GET calls.',
  },
  'calls.not_accepted': {
    status: 403,
    detail: 'Nobody here can be called.',
    hint: 'People decide who may call them: show the button only where `can_call` is true.',
  },
  'calls.to_oneself': {
    status: 422,
    detail: 'Nobody calls themselves.',
    hint: 'Name somebody else.',
  },
  'calls.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/calls.md.',
  },
  'calls.too_many_people': {
    status: 422,
    detail: 'There is no room for so many people in a call.',
    hint: 'Name fewer people in `user_ids`.',
  },
  'calls.client_id_reused': {
    status: 409,
    detail: 'This client_id was used for another call.',
    hint: 'Make a new UUID for each call; repeat a start unchanged.',
  },
  'calls.in_call': {
    status: 409,
    detail: 'You are in a call, or one rings for you.',
    hint: 'End, answer or decline it first: GET calls/current.',
  },
  'calls.over': {
    status: 409,
    detail: 'This call is over.',
    hint: 'Start a new one: POST calls.',
  },
  'calls.already_answered': {
    status: 409,
    detail: 'This call was answered.',
    hint: 'End it: POST calls/:id/end.',
  },
  'calls.answered_elsewhere': {
    status: 409,
    detail: 'Another device of yours is in this call.',
    hint: 'Stop ringing on this one.',
  },
  'calls.not_caller': {
    status: 403,
    detail: 'Only who started a call and is in it may do this.',
    hint: 'Leave it: POST calls/:id/end.',
  },
} as const satisfies Record<string, ErrorEntry>;
