import { z } from 'zod';

const fault = z.looseObject({ statusCode: z.coerce.number().int().min(400).max(599) });

/** What Storage means: it answers most faults with 400, and says in the body which one it is. */
export function storageStatus(status: number, text: string): number {
  if (status < 400) return status;
  try {
    const parsed = fault.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.statusCode : status;
  } catch {
    return status;
  }
}
