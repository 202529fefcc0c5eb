import { z } from 'zod';

/** An empty variable means "not set", as compose files write it. */
export const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

/**
 * What a schema reads out of the environment. `title` is the message's first line.
 * @throws Error naming every wrong variable.
 */
export function readEnvironment<T extends z.ZodType>(
  schema: T,
  environment: Readonly<Record<string, string | undefined>>,
  title: string,
): z.output<T> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`${title}:\n${problems.join('\n')}`);
}
