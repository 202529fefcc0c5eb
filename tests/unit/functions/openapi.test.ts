import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { buildOpenApi } from '../../../contracts/openapi.ts';
import { createApp as createAuth } from '../../../functions/auth/app.ts';
import { createApp as createCalls } from '../../../functions/calls/app.ts';
import { createApp as createDocs } from '../../../functions/docs/app.ts';
import { createApp as createFollows } from '../../../functions/follows/app.ts';
import { createApp as createGroups } from '../../../functions/groups/app.ts';
import { createApp as createMedia } from '../../../functions/media/app.ts';
import { createApp as createMessages } from '../../../functions/messages/app.ts';
import { createApp as createNotifications } from '../../../functions/notifications/app.ts';
import { createApp as createPosts } from '../../../functions/posts/app.ts';
import { createApp as createUsers } from '../../../functions/users/app.ts';
import { createApp as createWallet } from '../../../functions/wallet/app.ts';
import { depsFor } from './fakes.ts';

test('the document is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(buildOpenApi()));
  expect(result).toMatchObject({ valid: true });
});

test('the document has every operation that the functions serve, and no other', () => {
  const served = [
    createAuth,
    createUsers,
    createFollows,
    createGroups,
    createPosts,
    createMessages,
    createWallet,
    createMedia,
    createNotifications,
    createCalls,
  ].flatMap((createApp) =>
    createApp(depsFor()).routes.map(
      ({ method, path }) => `${method} ${path.replace(/\/$/, '').replace(/:(\w+)/g, '{$1}')}`,
    ),
  );
  const documented = Object.entries(buildOpenApi().paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const operations = new Set(served.filter((route) => !route.startsWith('ALL ') && !route.endsWith('/health')));
  expect(new Set(documented)).toEqual(operations);
});

test('the document says how a file is sent, and which header a stream is resumed by', () => {
  const { paths } = buildOpenApi();
  expect(paths['/media/upload']?.['post']).toMatchObject({
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': { schema: { required: ['bucket', 'file'], properties: { file: { format: 'binary' } } } },
      },
    },
  });
  expect(paths['/notifications/stream']?.['get']?.['parameters']).toContainEqual(
    expect.objectContaining({ name: 'Last-Event-ID', in: 'header', required: false }),
  );
});

test('the page names every path, may run no script and asks for nobody’s token', async () => {
  const response = await createDocs().request('/docs');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  const page = await response.text();
  for (const path of Object.keys(buildOpenApi().paths)) expect(page).toContain(`<code>${path}</code>`);
  const json = await createDocs().request('/docs/openapi.json');
  expect(await json.json()).toEqual(JSON.parse(JSON.stringify(buildOpenApi())));
});
