import * as calls from './api/calls.ts';
import { emptyRequest } from './api/common.ts';
import type { ErrorCode } from './errors.ts';
import type { Route } from './routes.ts';

const base = { domain: 'calls', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
const step = { ...base, method: 'post', idempotent: true, params: calls.callParams } as const;
const call = { answer: { status: 200, schema: calls.callCard } } as const;

/** What keeps somebody from calling people. */
const REACH: readonly ErrorCode[] = [
  'calls.not_accepted',
  'calls.too_many_people',
  'calls.field_invalid',
  'follows.blocked',
  'users.not_found',
];

/** Every operation of calls. */
export const CALL_ROUTES: readonly Route[] = [
  {
    ...{ ...read, path: '' },
    summary: 'Calls that one was in or was called to, the latest first.',
    query: calls.callsQuery,
    answer: { status: 200, schema: calls.callsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...base, method: 'post', idempotent: true, path: '' },
    summary: 'Call people, or a group: it rings on all their devices.',
    body: calls.startCallRequest,
    answer: { status: 201, schema: calls.callCard },
    errors: [...REACH, 'calls.to_oneself', 'calls.in_call', 'calls.client_id_reused', 'groups.not_found'],
  },
  {
    ...{ ...read, path: '/current' },
    summary: 'The call that one is in or that rings, if there is one.',
    answer: { status: 200, schema: calls.currentCall },
    errors: [],
  },
  {
    ...{ ...read, path: '/{id}', params: calls.callParams, ...call },
    summary: 'One call.',
    errors: ['calls.not_found'],
  },
  {
    ...{ ...read, path: '/{id}/ice-servers', params: calls.callParams },
    summary: 'STUN and TURN servers for a call, with credentials that end by themselves.',
    answer: { status: 200, schema: calls.iceServersSchema },
    errors: ['calls.not_found', 'calls.over'],
  },
  {
    ...{ ...step, path: '/{id}/answer', ...call },
    summary: 'Answer a call with this device, or come back into one that goes on.',
    body: calls.answerRequest,
    errors: ['calls.not_found', 'calls.answered_elsewhere', 'calls.over', 'calls.in_call', 'calls.field_invalid'],
  },
  {
    ...{ ...step, path: '/{id}/decline', ...call },
    summary: 'Decline a call; it stops ringing on all devices.',
    body: emptyRequest,
    errors: ['calls.not_found', 'calls.already_answered'],
  },
  {
    ...{ ...step, path: '/{id}/cancel', ...call },
    summary: 'Take back a call that nobody has answered.',
    body: emptyRequest,
    errors: ['calls.not_found', 'calls.already_answered', 'calls.not_caller'],
  },
  {
    ...{ ...step, path: '/{id}/end', ...call },
    summary: 'Hang up; for all, by who started the call.',
    body: calls.endCallRequest,
    errors: ['calls.not_found', 'calls.not_caller'],
  },
  {
    ...{ ...base, method: 'post', path: '/{id}/heartbeat', params: calls.callParams, ...call },
    summary: 'Say that this device is in the call, every five seconds.',
    body: calls.deviceRequest,
    errors: ['calls.not_found', 'calls.answered_elsewhere'],
  },
  {
    ...{ ...step, path: '/{id}/people', ...call },
    summary: 'Call more people into a call.',
    body: calls.addPeopleRequest,
    errors: ['calls.not_found', 'calls.over', ...REACH],
  },
  {
    ...{ ...base, method: 'delete', idempotent: true, path: '/{id}/people/{userId}', ...call },
    summary: 'Take somebody out of a call that one started.',
    params: calls.participantParams,
    body: emptyRequest,
    errors: ['calls.not_found', 'calls.not_caller', 'calls.field_invalid'],
  },
  {
    ...{ ...base, method: 'post', path: '/{id}/people/{userId}/vanished' },
    summary: 'Say that somebody in the call is no longer present; they are asked, and taken out if they are silent.',
    params: calls.participantParams,
    body: emptyRequest,
    answer: { status: 200, schema: calls.vanishedAnswer },
    errors: ['calls.not_found', 'calls.over'],
  },
];
