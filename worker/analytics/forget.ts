import type { Collection } from 'mongodb';
import type { AuditDocument, EventDocument } from './analytics.ts';

/** What the events of a person say about them, by type, and what is put in its place. Ids and times stay: they are counted. */
const FACTS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  'user.registered': { username: '', full_name: null },
  'user.logged_in': { ip: null, user_agent: null },
  'profile.updated': { username: '', full_name: null, avatar_url: null, bio: null, location: null, website: null },
  'wallet.linked_account_changed': { bank_name: null, last4: null },
};

/** Takes those facts out of what is stored of these people. Safe to repeat; throws when MongoDB is at fault. */
export async function forgetPeople(
  events: Collection<EventDocument>,
  audit: Collection<AuditDocument>,
  user_ids: readonly string[],
): Promise<void> {
  for (const user_id of user_ids) {
    for (const [type, facts] of Object.entries(FACTS)) {
      const without = Object.fromEntries(Object.entries(facts).map(([name, value]) => [`payload.${name}`, value]));
      await events.updateMany({ 'payload.user_id': user_id, type } as object, { $set: without } as object);
    }
    await audit.updateMany({ subject_ids: user_id, action: { $in: Object.keys(FACTS) } }, { $set: { details: {} } });
  }
}
