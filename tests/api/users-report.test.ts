import { beforeAll, describe, expect, test } from 'vitest';
import { reportedSchema } from '../../contracts/api/posts.ts';
import { ask, asOperator, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { block, done, post } from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
});

describe('POST users/:id/report', () => {
  test.each(pathForms())(
    'tells the moderators of a person by name, once (reports.already_reported): %s',
    async (base) => {
      const eve = await signUp('eve');
      const body = { reason: 'impersonation', details: 'This is me.' };
      const send = (name: string) => ask(`users/${name}/report`, { method: 'POST', token: ana.token, body, base });
      const { id } = reportedSchema.parse(done(await send(eve.username), 201));
      const rows = await asOperator(
        'select reporter_id, profile_id, reason, details from public.reports where id = $1',
        [id],
      );
      expect(rows).toEqual([{ reporter_id: ana.id, profile_id: eve.id, ...body }]);
      expectProblem(await send(eve.id), 'reports.already_reported');
    },
  );

  test('refuses oneself and words that are no reason (reports.of_oneself, request.invalid)', async () => {
    expectProblem(await post(ana, `users/${ana.id}/report`, { reason: 'spam' }), 'reports.of_oneself');
    expectProblem(await post(ana, `users/${ben.id}/report`, { reason: 'dislike' }), 'request.invalid');
  });

  test('knows nobody who blocks the reporter, and wants a token (users.not_found, auth.required)', async () => {
    await block(ben, ana);
    expectProblem(await post(ana, `users/${ben.username}/report`, { reason: 'spam' }), 'users.not_found');
    expectProblem(await post(ana, `users/${ben.id}/report`, { reason: 'spam' }), 'users.not_found');
    expectProblem(await post(undefined, `users/${ben.id}/report`, { reason: 'spam' }), 'auth.required');
  });
});
