import { z } from 'zod';
import { problemSchema } from './api/common.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { ROUTES, type Route } from './routes.ts';

type Json = Record<string, unknown>;

/** One operation as OpenAPI tells it; `x-errors` lists its stable codes. */
export interface Operation extends Json {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly operationId: string;
  readonly parameters: readonly Json[];
  readonly responses: Readonly<Record<string, Json>>;
  readonly 'x-errors': readonly ErrorCode[];
}

/** The document: operations by path, then by method. */
export interface OpenApiDocument extends Json {
  readonly info: { readonly title: string; readonly version: string; readonly description: string } & Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const SIGNED_IN_ERRORS: readonly ErrorCode[] = [
  'auth.required',
  'auth.token_expired',
  'auth.token_invalid',
  'auth.session_revoked',
];
const BODY_ERRORS: readonly ErrorCode[] = [
  'request.malformed_json',
  'request.invalid',
  'request.too_large',
  'request.unsupported_media_type',
];
const KEY_ERRORS: readonly ErrorCode[] = [
  'idempotency.invalid_key',
  'idempotency.key_reused',
  'idempotency.in_progress',
];
const ANY_ERRORS: readonly ErrorCode[] = ['rate_limit.exceeded', 'service.database_unavailable', 'internal.unexpected'];

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** The OpenAPI 3.1 document of the REST API, made from the same schemas that the functions check with. */
export function buildOpenApi(): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of ROUTES) {
    const path = `/${route.domain}${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Astra',
      version: '1',
      description:
        'The REST API of the edge functions. Amounts are decimal strings; errors are problem+json (RFC 9457) with a stable code.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: '/functions/v1', description: 'every Supabase project' },
      { url: '/api', description: 'the local stack as well' },
    ],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operationOf(route: Route): Operation {
  const codes = errorsOf(route);
  const content = contentOf(route);
  const { status, schema, otherwise } = route.answer;
  return {
    tags: [route.domain],
    summary: route.summary,
    operationId: [route.domain, route.method, ...route.path.split(/[^a-z]+/)].filter(Boolean).join('_'),
    ...(route.signedIn ? { security: route.signedIn === 'optional' ? [{}, TOKEN] : [TOKEN] } : {}),
    parameters: [
      ...parametersOf('path', route.params),
      ...parametersOf('query', route.query),
      ...parametersOf('header', route.headers),
      ...(route.idempotent ? [IDEMPOTENCY_KEY] : []),
    ],
    // An absent body counts as `{}`.
    ...(content ? { requestBody: { required: !route.body?.safeParse({}).success, content } } : {}),
    responses: {
      [status]: {
        description: route.idempotent ? 'Done, or the stored answer of the first request with this key.' : 'Done.',
        ...(schema || otherwise
          ? {
              content: {
                ...(schema ? { 'application/json': { schema: jsonSchema(schema, 'output') } } : {}),
                ...(otherwise ? { [otherwise]: { schema: { type: 'string' } } } : {}),
              },
            }
          : {}),
      },
      ...problemResponses(codes),
    },
    'x-errors': codes,
  };
}

function contentOf({ body, form }: Route): Json | undefined {
  if (form) return { 'multipart/form-data': { schema: jsonSchema(form, 'input') } };
  return body && { 'application/json': { schema: jsonSchema(body, 'input') } };
}

const TOKEN = { accessToken: [] };

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A new value for each new request, repeated with each retry of it.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function errorsOf(route: Route): ErrorCode[] {
  return [
    ...route.errors,
    ...(route.params || route.query || route.body ? (['request.invalid'] as const) : []),
    ...(route.body ? BODY_ERRORS : []),
    ...(route.idempotent ? KEY_ERRORS : []),
    ...(route.signedIn
      ? SIGNED_IN_ERRORS.filter((code) => route.signedIn !== 'optional' || code !== 'auth.required')
      : []),
    ...(route.domain === 'auth' ? (['service.auth_unavailable'] as const) : []),
    ...ANY_ERRORS,
  ].filter((code, at, all) => all.indexOf(code) === at);
}

/** One response for each status, with the codes that it may carry. */
function problemResponses(codes: readonly ErrorCode[]): Record<string, Json> {
  const statuses = Map.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    Array.from(statuses, ([status, ofStatus]) => [
      `${status}`,
      { description: ofStatus.map((code) => `\`${code}\`: ${ERRORS[code].detail}`).join('\n'), content: PROBLEM },
    ]),
  );
}

function parametersOf(place: 'path' | 'query' | 'header', schema: z.ZodObject | undefined): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
    schema: jsonSchema(field as z.ZodType, 'input'),
  }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
