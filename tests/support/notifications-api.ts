import {
  type NotificationCard,
  type NotificationCounts,
  notificationCounts,
  notificationsPage,
} from '../../contracts/api/notifications.ts';
import { type Answer, ask, type Person } from './api.ts';
import { eventually } from './eventually.ts';
import { done } from './social-api.ts';

/** GET notifications<path> */
export function get(person: Person, path = '', base?: string): Promise<Answer> {
  return ask(`notifications${path}`, { token: person.token, ...(base === undefined ? {} : { base }) });
}

/** PUT notifications/<path>, with an Idempotency-Key where one is given. */
export function put(person: Person, path: string, body: unknown = {}, key?: string): Promise<Answer> {
  return ask(`notifications/${path}`, {
    ...{ method: 'PUT', token: person.token, body, headers: key === undefined ? {} : { 'Idempotency-Key': key } },
  });
}

export async function listed(person: Person, query = ''): Promise<NotificationCard[]> {
  return notificationsPage.parse(done(await get(person, query))).data;
}

export async function countsOf(person: Person): Promise<NotificationCounts> {
  return notificationCounts.parse(done(await get(person, '/unread-count')));
}

/** What somebody has been told, once it is as many. */
export function toldOf(person: Person, count: number): Promise<NotificationCard[]> {
  return eventually(`${count} notifications`, async () => {
    const cards = await listed(person, '?limit=100');
    return cards.length === count && cards;
  });
}
