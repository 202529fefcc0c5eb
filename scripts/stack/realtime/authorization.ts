import type { Database } from './database.ts';
import type { Claims } from './tokens.ts';

/** What messages a private channel has, as the column `extension` of realtime.messages names them. */
export type Extension = 'broadcast' | 'presence';

/** Who asks, and for which topic. */
export interface Asker {
  readonly topic: string;
  readonly claims: Claims;
  /** JSON text of the headers that policies may read by `request.headers`. */
  readonly headers: string;
}

/** Asks the policies on realtime.messages, as the owner of a token. Throws when the database cannot be asked or a policy fails. */
export interface Authorization {
  /** Those of `extensions` whose messages the asker may read. */
  readonly readable: (asker: Asker, extensions: readonly Extension[]) => Promise<ReadonlySet<Extension>>;
  readonly writable: (asker: Asker, extension: Extension) => Promise<boolean>;
}

const READABLE = 'select _realtime.readable($1, $2, $3, $4) as extensions';
const WRITABLE = 'select _realtime.writable($1, $2, $3, $4) as writable';

export function createAuthorization(database: Pick<Database, 'query'>): Authorization {
  return {
    async readable({ topic, claims, headers }, extensions) {
      const [row] = await database.query<{ extensions: Extension[] }>(READABLE, [
        ...[topic, JSON.stringify(claims), headers, extensions],
      ]);
      return new Set(row?.extensions);
    },
    async writable({ topic, claims, headers }, extension) {
      const [row] = await database.query<{ writable: boolean }>(WRITABLE, [
        ...[topic, JSON.stringify(claims), headers, extension],
      ]);
      return row?.writable === true;
    },
  };
}
