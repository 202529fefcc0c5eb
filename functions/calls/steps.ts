import type { Context } from 'hono';
import type { z } from 'zod';
import {
  addPeopleRequest,
  answerRequest,
  type CallCard,
  callParams,
  deviceRequest,
  endCallRequest,
  participantParams,
  startCallRequest,
  type vanishedAnswer,
} from '../../contracts/api/calls.ts';
import { emptyRequest } from '../../contracts/api/common.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody, readParams } from '../_shared/request.ts';
import { readRows } from '../_shared/rows.ts';
import { whomId } from '../follows/people.ts';
import { only } from './reading.ts';

/**
 * POST calls. Started again with the same client_id it answers the same call. Throws calls.not_accepted, calls.in_call, calls.too_many_people,
 * calls.to_oneself, calls.client_id_reused, follows.blocked, groups.not_found, users.not_found, rate_limit.exceeded.
 */
export async function startCall(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, startCallRequest);
  await limitKey(deps, c, 'call', c.get('claims').user_id);
  const user_ids = body.user_ids === undefined ? undefined : await idsOf(c, deps, body.user_ids);
  return await change(c, deps, body, 'start_call', { p: JSON.stringify({ ...body, user_ids }) }, 201);
}

/** POST calls/:id/answer. Throws calls.not_found, calls.answered_elsewhere, calls.over, calls.in_call. */
export async function answerCall(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, callParams);
  const body = await readBody(c, answerRequest);
  const args = { p_id: id, p_device: body.device_id, p_join: body.join_id ?? null };
  return await change(c, deps, body, 'answer_call', args);
}

/** POST calls/:id/decline and cancel. Throws calls.not_found, calls.already_answered, calls.not_caller. */
export async function step(c: Context<AppEnv>, deps: Deps, name: 'decline_call' | 'cancel_call'): Promise<Response> {
  const { id } = readParams(c, callParams);
  return await change(c, deps, await readBody(c, emptyRequest), name, { p_id: id });
}

/** POST calls/:id/end. Throws calls.not_found, calls.not_caller. */
export async function endCall(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, callParams);
  const body = await readBody(c, endCallRequest);
  return await change(c, deps, body, 'end_call', { p_id: id, p_for_all: body.for_all ?? false });
}

/** POST calls/:id/people. Throws calls.not_found, calls.not_accepted, calls.over, calls.too_many_people, rate_limit.exceeded. */
export async function addPeople(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, callParams);
  const body = await readBody(c, addPeopleRequest);
  await limitKey(deps, c, 'call', c.get('claims').user_id);
  return await change(c, deps, body, 'add_to_call', { p_id: id, p_users: await idsOf(c, deps, body.user_ids) });
}

/** DELETE calls/:id/people/:userId. Throws calls.not_found, calls.not_caller. */
export async function removePerson(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id, userId } = readParams(c, participantParams);
  return await change(c, deps, await readBody(c, emptyRequest), 'remove_from_call', { p_id: id, p_user: userId });
}

/** POST calls/:id/heartbeat: there is nothing to repeat, so no Idempotency-Key. Throws calls.not_found, calls.answered_elsewhere. */
export async function heartbeat(c: Context<AppEnv>, deps: Deps): Promise<CallCard> {
  const { id } = readParams(c, callParams);
  const { device_id } = await readBody(c, deviceRequest);
  return only(await readRows<CallCard>(c, deps, 'call_heartbeat', { p_id: id, p_device: device_id }));
}

/** POST calls/:id/people/:userId/vanished. Throws calls.not_found, calls.over. */
export async function reportVanished(c: Context<AppEnv>, deps: Deps): Promise<z.infer<typeof vanishedAnswer>> {
  const { id, userId } = readParams(c, participantParams);
  await readBody(c, emptyRequest);
  const [asked] = await readRows<boolean>(c, deps, 'report_vanished', { p_id: id, p_user: userId });
  return { asked: asked === true };
}

async function idsOf(c: Context<AppEnv>, deps: Deps, people: readonly string[]): Promise<string[]> {
  return await Promise.all(people.map((person) => whomId(c, deps, person)));
}
