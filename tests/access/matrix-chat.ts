import type { Person, TestConnection } from '../support/database.ts';
import type { ActorName, Command, Outcome, TableRule } from './matrix.ts';

type Allowed = Readonly<Partial<Record<ActorName, Readonly<Partial<Record<Command, Outcome>>>>>>;

/** Of conversations that the owner of these rows is in, and `other` is not. Written by functions alone. */
const MEMBERS_READ: Allowed = {
  owner: { select: 'rows' },
  other: { select: 'none' },
  service_role: { select: 'rows' },
};
const MINE = 'in (select m.conversation_id from public.conversation_members m where m.user_id = $1)';

export const CHAT_TABLES: Readonly<Record<string, TableRule>> = {
  'public.conversations': {
    ownRow: "kind = 'direct' and $1 in (low_id, high_id)",
    set: 'epoch = epoch',
    allowed: MEMBERS_READ,
  },
  'public.conversation_members': { ownRow: 'user_id = $1', set: 'state = state', allowed: MEMBERS_READ },
  'public.messages': { ownRow: 'sender_id = $1', set: 'content = content', allowed: MEMBERS_READ },
  'public.message_reactions': { ownRow: 'user_id = $1', set: 'emoji = emoji', allowed: MEMBERS_READ },
  'public.message_hides': { ownRow: 'user_id = $1', set: 'created_at = created_at', allowed: MEMBERS_READ },
  'app_private.chat_rules': { ownRow: 'true', set: 'messages_per_minute = null', allowed: {} },
  'app_private.chat_tasks': { ownRow: 'target = $1', set: 'created_at = created_at', allowed: {} },
  'app_private.chat_notices': { ownRow: `conversation_id ${MINE}`, set: 'waits_since = waits_since', allowed: {} },
};

const PEOPLE = ['authenticated'] as const;
const WORKER = ['astra_worker'] as const;

export const CHAT_EXECUTE: Readonly<Record<string, readonly ('anon' | 'authenticated' | 'astra_worker')[]>> = {
  'app_hidden.hears': PEOPLE,
  'app_hidden.is_person': PEOPLE,
  'app_hidden.my_conversation_ids': PEOPLE,
  'app_private.expire_messages': WORKER,
  'app_private.tell_epochs': WORKER,
  'app_private.work_chat_tasks': WORKER,
  'public.accept_conversation': PEOPLE,
  'public.archive_conversation': PEOPLE,
  'public.clear_conversation': PEOPLE,
  'public.conversation': PEOPLE,
  'public.conversation_changes': PEOPLE,
  'public.conversation_messages': PEOPLE,
  'public.conversation_of_group': PEOPLE,
  'public.conversation_receipts': PEOPLE,
  'public.conversation_topic': PEOPLE,
  'public.conversation_with': PEOPLE,
  'public.decline_conversation': PEOPLE,
  'public.delete_message': PEOPLE,
  'public.edit_message': PEOPLE,
  'public.mark_read': PEOPLE,
  'public.message': PEOPLE,
  'public.message_reactors': PEOPLE,
  'public.mute_conversation': PEOPLE,
  'public.my_conversations': PEOPLE,
  'public.pin_message': PEOPLE,
  'public.pinned_messages': PEOPLE,
  'public.react_to_message': PEOPLE,
  'public.search_messages': PEOPLE,
  'public.send_message': PEOPLE,
  'public.send_typing': PEOPLE,
  'public.set_message_timer': PEOPLE,
};

/** A conversation of the owner with somebody else, with everything that hangs on one. */
export async function withChatAround(db: TestConnection, owner: Person): Promise<void> {
  const partner = await db.signUp();
  await db.as({ role: 'authenticated', sub: owner.id });
  const { id } = await db.one<{ id: string }>('select id from public.send_message($1)', [
    { receiver_id: partner.id, content: 'of a test' },
  ]);
  await db.query("select public.react_to_message($1, '👍')", [id]);
  await db.query('select public.send_message($1)', [{ receiver_id: partner.id, content: 'of a test, again' }]);
  await db.as({ role: 'postgres' });
  await db.query(
    'insert into public.message_hides (user_id, conversation_id, seq) select sender_id, conversation_id, 2 from public.messages where id = $1',
    [id],
  );
  await db.query("insert into app_private.chat_tasks (kind, target) values ('wipe', $1)", [owner.id]);
  await db.query(
    'insert into app_private.chat_notices (conversation_id) select conversation_id from public.messages where id = $1',
    [id],
  );
}
