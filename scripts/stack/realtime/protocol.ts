import { z } from 'zod';

export const TOPIC_PREFIX = 'realtime:';

/** Booleans may arrive as strings. */
const flag = z
  .unknown()
  .default(false)
  .transform((value) => value === true || String(value).toLowerCase() === 'true');

/** Given back to the client exactly as it came: it compares them with what it asked for. */
const wantedChangesSchema = z.looseObject({
  event: z.string().nullish(),
  schema: z.string().nullish(),
  table: z.string().nullish(),
  filter: z.string().nullish(),
  select: z.array(z.string()).max(1_600).nullish(),
});

const replaySchema = z.object({ since: z.number().int().min(0).default(0), limit: z.number().int().default(10) });

const configSchema = z.object({
  private: flag,
  broadcast: z
    .object({ ack: flag, self: flag, replication_ready: flag, replay: replaySchema.nullish() })
    .nullish()
    .transform((broadcast) => broadcast ?? { ack: false, self: false, replication_ready: false, replay: null }),
  presence: z
    .object({ enabled: flag, key: z.string().max(1_024).nullish() })
    .nullish()
    .transform((presence) => presence ?? { enabled: false, key: null }),
  postgres_changes: z
    .array(wantedChangesSchema.nullable())
    .max(100)
    .nullish()
    .transform((wanted) => (wanted ?? []).filter((one) => one !== null)),
});

/** The payload of `phx_join`. */
export const joinSchema = z.object({
  config: configSchema.nullish().transform((config) => config ?? configSchema.parse({})),
  access_token: z.string().nullish(),
  /** How older clients name it. */
  user_token: z.string().nullish(),
});

export type JoinPayload = z.infer<typeof joinSchema>;
export type WantedChanges = z.infer<typeof wantedChangesSchema>;
export type Replay = z.infer<typeof replaySchema>;
