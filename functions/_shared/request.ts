import type { Context } from 'hono';
import type { z } from 'zod';
import { AppError, type FieldError } from '../../contracts/errors.ts';
import type { AppEnv } from './app.ts';
import { fieldMessage } from './field-messages.ts';

/** Deeper JSON is refused: nothing of ours nests more, and recursion over it must end. */
const MAX_DEPTH = 16;
/** As many field errors as a client can make use of. */
const MAX_FIELD_ERRORS = 20;

/**
 * Reads the JSON body and validates it. An absent body counts as `{}`, so that bodies with only optional fields may be left out.
 * Throws request.too_large, request.unsupported_media_type, request.malformed_json or request.invalid.
 */
export async function readBody<T extends z.ZodType>(c: Context<AppEnv>, schema: T): Promise<z.output<T>> {
  const bytes = await readBytes(c.req.raw, c.get('bodyLimit'));
  if (bytes.length === 0) return validate(schema, {}, 'body');
  if (!isJson(c.req.header('content-type'))) throw new AppError('request.unsupported_media_type');
  const body = parseJson(bytes);
  const fault = textFault(body, 'body', 0);
  if (fault !== undefined) throw new AppError('request.invalid', { fields: [fault] });
  return validate(schema, body, 'body');
}

/**
 * Reads the body as text, every character as it arrived: a signature may cover it.
 * Throws request.too_large, or request.malformed_json when it is not UTF-8.
 */
export async function readText(c: Context<AppEnv>): Promise<string> {
  const bytes = await readBytes(c.req.raw, c.get('bodyLimit'));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('request.malformed_json', { cause });
  }
}

/** Validates the query string; a parameter given twice is refused. Throws request.invalid. */
export function readQuery<T extends z.ZodType>(c: Context<AppEnv>, schema: T): z.output<T> {
  const query: Record<string, string> = {};
  for (const [name, values] of Object.entries(c.req.queries())) {
    const [value = '', ...others] = values;
    const path = `query.${name}`;
    if (others.length > 0) throw new AppError('request.invalid', { fields: [{ path, message: 'is given twice' }] });
    const fault = textFault(value, path, 0);
    if (fault !== undefined) throw new AppError('request.invalid', { fields: [fault] });
    query[name] = value;
  }
  return validate(schema, query, 'query');
}

/** Validates the path parameters. Throws request.invalid. */
export function readParams<T extends z.ZodType>(c: Context<AppEnv>, schema: T): z.output<T> {
  const params: unknown = c.req.param();
  const fault = textFault(params, 'path', 0);
  if (fault !== undefined) throw new AppError('request.invalid', { fields: [fault] });
  return validate(schema, params, 'path');
}

/**
 * Parses a value, or throws request.invalid; `where` begins each path. A field is told once: what has the wrong type breaks other rules
 * in words that only mislead.
 */
export function validate<T extends z.ZodType>(schema: T, value: unknown, where: string): z.output<T> {
  const parsed = schema.safeParse(value, { error: fieldMessage });
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue): FieldError[] => {
    const path = [where, ...issue.path.map(String)].join('.');
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: `${path}.${key.slice(0, 64)}`, message: 'is not a known field' }));
  });
  const firsts = fields.filter(({ path }, index) => fields.findIndex((field) => field.path === path) === index);
  throw new AppError('request.invalid', { fields: firsts.slice(0, MAX_FIELD_ERRORS) });
}

function isJson(contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return type === 'application/json' || /^application\/[a-z0-9.-]+\+json$/.test(type);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('request.malformed_json', { cause });
  }
}

/** Reads at most `limit` bytes. */
async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const { headers } = request;
  const announced = Number(headers.get('content-length') ?? Number.NaN);
  if (announced > limit) throw tooLarge(limit);
  // A body in chunks ends when it likes, whatever else was announced.
  if (Number.isNaN(announced) || headers.has('transfer-encoding')) return await readChunks(request, limit);
  // Content-Length frames the body, so no more can arrive; asked for whole, it is spared the machinery of streams.
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > limit) throw tooLarge(limit);
  return bytes;
}

/** Reads a body that did not say how long it is. */
async function readChunks(request: Request, limit: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the stream, so the rest of an endless body is never read.
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function tooLarge(limit: number): AppError {
  return new AppError('request.too_large', { hint: `Send at most ${limit} bytes.` });
}

/** Finds text that Postgres cannot store (NUL, half a surrogate pair) and JSON that is nested too deep. */
function textFault(value: unknown, path: string, depth: number): FieldError | undefined {
  if (typeof value === 'string')
    return isStorable(value) ? undefined : { path, message: 'has a character that is not allowed' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return { path: 'body', message: `is nested more than ${MAX_DEPTH} levels deep` };
  for (const [key, child] of Object.entries(value)) {
    if (!isStorable(key)) return { path, message: 'has a field name that is not allowed' };
    const fault = textFault(child, `${path}.${key.slice(0, 64)}`, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}
