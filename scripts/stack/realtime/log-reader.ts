import type { Broadcasts } from './broadcasts.ts';
import type { Changes, RowChange, RowTexts } from './changes.ts';
import { roomOf } from './channel.ts';
import type { Metrics } from './metrics.ts';
import type { ReplicationHandlers } from './replication.ts';

type LogMessage = Parameters<ReplicationHandlers['message']>[0];

/** Microseconds, as Postgres counts them. */
const MICROSECONDS = 1_000n;

/** Makes of the database's log what clients hear: rows of realtime.messages are broadcasts, everything else is a change. */
export function createLogReader(
  broadcasts: Broadcasts,
  changes: Changes,
  metrics: Metrics,
): ReplicationHandlers['message'] {
  let transaction = { committed_at: '', xid: 0 };
  return (message) => {
    switch (message.tag) {
      case 'begin':
        transaction = {
          committed_at: new Date(Number((message.commitTime as bigint) / MICROSECONDS)).toISOString(),
          xid: message.xid >>> 0,
        };
        return undefined;
      case 'relation':
        // Sent again after each change of a table, its columns, grants or policies.
        changes.forgetTable(String(message.relationOid >>> 0));
        return undefined;
      case 'insert':
        if (message.relation.schema === 'realtime' && message.relation.name === 'messages') {
          sendStored(broadcasts, metrics, message.new, transaction.xid);
          return undefined;
        }
        return changes.add({ ...transaction, ...changeOf(message) });
      case 'update':
      case 'delete':
        return changes.add({ ...transaction, ...changeOf(message) });
      case 'commit':
        changes.flush();
        return undefined;
      default:
        return undefined;
    }
  };
}

function sendStored(broadcasts: Broadcasts, metrics: Metrics, row: RowTexts, xid: number): void {
  const { id, topic, event, payload, binary_payload } = row;
  // Rows without a payload are probes of policies, or nothing that anybody could hear.
  const body =
    binary_payload != null
      ? Buffer.from(binary_payload.slice(2), 'hex')
      : payload != null
        ? Buffer.from(payload)
        : null;
  if (body === null || id == null || topic == null || event == null) return;
  metrics.received.inc({ kind: 'database' });
  const broadcast = { event, json: binary_payload == null, body, meta: JSON.stringify({ id }) };
  broadcasts.fromDatabase(roomOf(topic, row['private'] === 't'), broadcast, id, xid);
}

function changeOf(
  message: Extract<LogMessage, { tag: 'insert' | 'update' | 'delete' }>,
): Pick<RowChange, 'type' | 'table' | 'schema' | 'name' | 'row' | 'old'> {
  const { relation } = message;
  const where = { table: String(relation.relationOid >>> 0), schema: relation.schema, name: relation.name };
  switch (message.tag) {
    case 'insert':
      return { type: 'INSERT', ...where, row: message.new, old: null };
    case 'update': {
      // A key that stayed the same is not in the log twice.
      const key = () => Object.fromEntries(relation.keyColumns.map((name) => [name, message.new[name]]));
      return { type: 'UPDATE', ...where, row: message.new, old: message.old ?? message.key ?? key() };
    }
    case 'delete':
      return { type: 'DELETE', ...where, row: null, old: message.old ?? message.key ?? {} };
  }
}
