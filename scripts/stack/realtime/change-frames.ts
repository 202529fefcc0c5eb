import type { RowChange, RowTexts } from './changes.ts';
import type { Channel } from './channel.ts';
import { encodeText, type Frame } from './serializers.ts';
import type { Subscription } from './subscriptions.ts';
import { columnOf, type Table } from './tables.ts';

/** A larger row is sent without its long values. */
const ROW_LETTERS = 1024 * 1024;
const SHORT_LETTERS = 64;

const NO_KEY = 'Error 400: Bad Request, no primary key';
const KEY_IS_SECRET = 'Error 401: Unauthorized';
const TOO_LARGE = 'Error 413: Payload Too Large';

/** Each column as JSON text. */
type Rendered = Readonly<Record<string, string>>;

/** Encodes changes of one table: once for all subscribers who see the same columns by the same ids on the same topic. */
export function createChangeFrames(table: Table) {
  return {
    send(
      change: RowChange,
      rendered: { readonly row: Rendered; readonly old: Rendered },
      subscriptions: readonly Subscription[],
    ): void {
      const bodies = new Map<string, string>();
      const frames = new Map<string, Frame>();
      for (const [channel, byView] of viewsOf(subscriptions)) {
        for (const [view, { subscription, ids }] of byView) {
          let body = bodies.get(view);
          if (body === undefined) {
            body = bodyOf(table, change, rendered, channel.claims.role, subscription.columns);
            bodies.set(view, body);
          }
          const { version } = channel.connection.hello;
          const idList = [...ids].join(',');
          const key = `${version} ${idList} ${view} ${channel.topic}`;
          let frame = frames.get(key);
          if (frame === undefined) {
            frame = encodeText(version, null, channel.topic, 'postgres_changes', `{"ids":[${idList}],"data":${body}}`);
            frames.set(key, frame);
          }
          channel.connection.send(frame);
        }
      }
    },
  };
}

/** One message per channel and view of the row, with all ids that it answers. */
function viewsOf(subscriptions: readonly Subscription[]) {
  const channels = new Map<Channel, Map<string, { subscription: Subscription; ids: Set<number> }>>();
  for (const subscription of subscriptions) {
    const { channel, columns, id } = subscription;
    const view = JSON.stringify([channel.claims.role, columns]);
    const views = channels.get(channel) ?? new Map();
    channels.set(channel, views);
    const entry = views.get(view) ?? { subscription, ids: new Set() };
    entry.ids.add(id);
    views.set(view, entry);
  }
  return channels;
}

function bodyOf(
  table: Table,
  change: RowChange,
  rendered: { readonly row: Rendered; readonly old: Rendered },
  role: string,
  chosen: readonly string[] | null,
): string {
  const deleted = change.type === 'DELETE';
  const readable = (name: string) => columnOf(table, name)?.readers.includes(role) === true;
  const shown = (name: string) =>
    readable(name) && (chosen === null || chosen.includes(name) || table.key.includes(name));
  const large = lettersOf(rendered.row) + lettersOf(rendered.old) > ROW_LETTERS;
  const record = (from: Rendered, logged: RowTexts | null, may: (name: string) => boolean) => {
    const fields = table.columns
      .filter(({ name }) => logged?.[name] !== undefined && may(name))
      .map(({ name }): [string, string] => [name, from[name] ?? 'null'])
      .filter(([, value]) => !large || value.length <= SHORT_LETTERS);
    return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
  };
  const head = {
    ...{ schema: change.schema, table: change.name, type: change.type, commit_timestamp: change.committed_at },
    errors: large ? [TOO_LARGE] : null,
  };
  const fault = deleted ? null : table.key.length === 0 ? NO_KEY : table.key.every(readable) ? null : KEY_IS_SECRET;
  if (fault !== null) return JSON.stringify({ ...head, errors: [fault] });
  const columns = table.columns.filter(({ name }) => shown(name)).map(({ name, type }) => ({ name, type }));
  const parts = [JSON.stringify({ ...head, columns }).slice(0, -1)];
  if (!deleted) parts.push(`"record":${record(rendered.row, change.row, shown)}`);
  // Of a row that is gone nobody can be asked whether they saw it: where policies decide, only its key is told.
  const oldShown = (name: string) => shown(name) && (!deleted || !table.secured || table.key.includes(name));
  if (change.type !== 'INSERT') parts.push(`"old_record":${record(rendered.old, change.old, oldShown)}`);
  return `${parts.join(',')}}`;
}

function lettersOf(rendered: Rendered): number {
  let letters = 0;
  for (const name in rendered) letters += rendered[name]?.length ?? 0;
  return letters;
}
