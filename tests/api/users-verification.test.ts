import { beforeAll, describe, expect, test } from 'vitest';
import { verificationRequest, verificationRequestsPage } from '../../contracts/api/users.ts';
import { expectProblem, type Person, signUp } from '../support/api.ts';
import { clientOf, done, expectRefused, get, post, remove } from '../support/social-api.ts';

let ana: Person;

beforeAll(async () => {
  ana = await signUp('ana');
});

describe('users/verification-requests', () => {
  const badge = {
    kind: 'verification',
    level: 'blue',
    statement: 'I am who I say I am.',
    evidence_urls: ['https://example.com/me'],
  };
  const file = (person: Person, body: object) => post(person, 'users/verification-requests', body);

  test('files one of each kind, shows them, and withdraws one (users.verification_open)', async () => {
    const ola = await signUp('ola');
    const filed = verificationRequest.parse(done(await file(ola, badge), 201));
    expect(filed).toMatchObject({ ...badge, user_id: ola.id, state: 'open', decision: null });
    expectProblem(await file(ola, badge), 'users.verification_open');
    const p = { kind: 'business', statement: 'A bakery in Lima.' };
    expect((await clientOf(ola).rpc('request_verification', { p })).data).toMatchObject({ ...p, state: 'open' });
    expectRefused(await clientOf(ola).rpc('request_verification', { p }), 'users.verification_open', 409);
    const list = verificationRequestsPage.parse(done(await get(ola, 'users/verification-requests')));
    expect(list.data.map(({ kind }) => kind)).toEqual(['business', 'verification']);
    const { data } = await clientOf(ola).from('verification_requests').select('id').eq('kind', 'verification');
    expect(data).toEqual([{ id: filed.id }]);

    const path = `users/verification-requests/${filed.id}`;
    expect(done(await remove(ola, path))).toMatchObject({ id: filed.id, state: 'withdrawn' });
    expectProblem(await remove(ola, path), 'users.verification_not_found');
    done(await file(ola, badge), 201);
  });

  test('is for the eyes of who filed it (users.verification_not_found)', async () => {
    const { id } = verificationRequest.parse(done(await file(await signUp('pia'), badge), 201));
    expectProblem(await remove(ana, `users/verification-requests/${id}`), 'users.verification_not_found');
    expect((await clientOf(ana).from('verification_requests').select('id')).data).toEqual([]);
  });

  test.each([
    ['a badge without a level', { ...badge, level: undefined }],
    ['a business with a level', { ...badge, kind: 'business' }],
    ['too few words', { ...badge, statement: 'please' }],
    ['evidence that is no address', { ...badge, evidence_urls: ['see attachment'] }],
    ['a decision', { ...badge, state: 'approved' }],
  ])('refuses %s (request.invalid)', async (_what, body) => {
    expectProblem(await file(ana, body), 'request.invalid');
  });
});
