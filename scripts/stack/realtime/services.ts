import type { Log } from '../../../worker/log.ts';
import type { Authorization } from './authorization.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { Changes } from './changes.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { Presence } from './presence.ts';
import type { Rooms } from './rooms.ts';
import type { Tokens } from './tokens.ts';

/** The parts of one server, for whatever handles a message. */
export interface Services {
  readonly limits: Limits;
  readonly tokens: Tokens;
  readonly authorization: Authorization;
  readonly rooms: Rooms;
  readonly presence: Presence;
  readonly broadcasts: Broadcasts;
  readonly changes: Changes;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now_ms: () => number;
}
