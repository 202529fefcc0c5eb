import { AsyncLocalStorage } from 'node:async_hooks';
import type { PostgresConnection } from '@supabase/lite/postgres';

type Kysely = PostgresConnection['kysely'];
type Plugin = Parameters<Kysely['withPlugin']>[0];
type QueryNode = ReturnType<Plugin['transformQuery']>;
type InsertNode = Extract<QueryNode, { kind: 'InsertQueryNode' }>;

interface Facts {
  readonly ip: string | null;
  readonly user_agent: string | null;
}

const MAX_USER_AGENT_CHARS = 512;

/** Completes the rows of new sessions. */
export interface SessionFacts {
  /** Runs one request; a session that starts meanwhile is recorded with where it came from. */
  readonly during: <T>(request: Request, ip: string | null, answer: () => Promise<T>) => Promise<T>;
  /** Call it once for each connection, before the server is built on it. */
  readonly record: (connection: PostgresConnection) => void;
}

/**
 * The embedded Auth writes nulls for a new session's address and user agent. Hosted Auth records both; people see them in
 * their list of sessions, and user.logged_in carries them. The insert itself is completed, because the outbox reads the
 * row in a trigger.
 */
export function createSessionFacts(): SessionFacts {
  const requests = new AsyncLocalStorage<Facts>();
  return {
    during(request, ip, answer) {
      const user_agent = request.headers.get('user-agent')?.slice(0, MAX_USER_AGENT_CHARS) ?? null;
      return requests.run({ ip, user_agent }, answer);
    },
    record(connection) {
      connection.kysely = connection.kysely.withPlugin({
        transformQuery({ node }) {
          const facts = requests.getStore();
          return facts !== undefined && node.kind === 'InsertQueryNode' ? completed(node, facts) : node;
        },
        transformResult: async ({ result }) => result,
      });
    },
  };
}

function completed(node: InsertNode, facts: Facts): InsertNode {
  if (node.into?.table.identifier.name !== 'sessions' || node.values?.kind !== 'ValuesNode') return node;
  const names = node.columns?.map(({ column }) => column.name) ?? [];
  const rows = node.values as unknown as ValuesNode;
  const values: ValuesNode = {
    ...rows,
    values: rows.values.map((row) => ({
      ...row,
      values: row.values.map((value, index) => factFor(names[index], facts) ?? value),
    })),
  };
  return { ...node, values };
}

/** As much of the query builder's node as is changed here. */
interface ValuesNode {
  readonly kind: 'ValuesNode';
  readonly values: readonly { readonly values: readonly unknown[] }[];
}

function factFor(column: string | undefined, facts: Facts): string | null {
  return column === 'ip' || column === 'user_agent' ? facts[column] : null;
}
