import { z } from 'zod';

/** How many rows a page may have, and how many it has when nobody says. */
export const PAGE_LIMIT = { min: 1, max: 100, default: 20 } as const;

const LIMIT_MESSAGE = `must be a whole number from ${PAGE_LIMIT.min} to ${PAGE_LIMIT.max}`;

/** Query parameters of every list. They arrive as text, so `limit` is digits here and a number after parsing. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, LIMIT_MESSAGE)
    .transform(Number)
    .refine((limit) => limit >= PAGE_LIMIT.min && limit <= PAGE_LIMIT.max, LIMIT_MESSAGE)
    .default(PAGE_LIMIT.default),
  /** Empty as good as absent: a client that begins with '' gets the first page. */
  cursor: z
    .string()
    .max(256)
    .transform((cursor) => (cursor === '' ? undefined : cursor))
    .optional(),
};

/** `{ data, next_cursor }`: a page of a list; `next_cursor` is null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ data: z.array(item), next_cursor: z.string().nullable() });
}

/** The body of an action that needs nothing but its path. */
export const emptyRequest = z.strictObject({});

/** RFC 9457 problem details, the body of every answer with status 400 and above. */
export const problemSchema = z.strictObject({
  /** `urn:astra:error:<code>`. */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** Stable code, see docs/errors.md. */
  code: z.string(),
  detail: z.string(),
  hint: z.string(),
  /** The request's id, also in the X-Request-Id header and in the logs. */
  instance: z.string(),
  /** The fields or parts that were refused. */
  errors: z.array(z.strictObject({ path: z.string(), message: z.string(), code: z.string().optional() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** A moment with its offset, microseconds kept: `2026-11-22T16:31:19.123456+00:00`. */
export const timestampSchema = z.iso.datetime({
  offset: true,
  // The plus sign of an offset is a space in a query, and the value that was meant looks right to its sender.
  error: "must be a date and time with its offset, like '2026-11-22T16:31:19Z'; in a query write + as %2B",
});
