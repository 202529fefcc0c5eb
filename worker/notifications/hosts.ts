import { type Backoff, backoffMs, type Clock } from '../time.ts';

/** How many messages for one person may be on their way at the same time, and for a host of which nothing is known yet. */
const ROOM = 2;
/** Whoever answers within it earns room for one more. */
const QUICK_MS = 1_000;
/** So many failures in a row close a host for a while. */
const FAILURES = 5;
const CLOSED: Backoff = { first_ms: 60_000, max_ms: 10 * 60_000 };
/** Of so many hosts it is remembered that they fail. */
const REMEMBERED = 1_000;

interface HostState {
  flying: number;
  room: number;
  failures: number;
  closed_until_ms: number;
}

/** How a message ended for its host: it answered, it answered that it is broken or did not answer, or it was not asked. */
export type HostOutcome = 'answered' | 'failed' | 'not_asked';

/** A message that is on its way. */
export interface Flight {
  readonly host: string;
  readonly user_id: string;
}

export interface Hosts {
  /** For whom and where there is other room than `ROOM`: by id and by name. */
  readonly rooms: () => Record<string, number>;
  /** Hosts that are left alone, and for how many seconds more. */
  readonly closed: () => Record<string, number>;
  readonly begin: (flight: Flight) => void;
  readonly end: (flight: Flight, outcome: HostOutcome, took_ms: number) => void;
}

/**
 * Keeps a slow or dead host from taking what all share: few messages are on their way to it at a time, and after some failures in a row none
 * for a while, then one to see. A host that answers quickly gets up to `most`: a push service takes messages for everybody.
 */
export function createHosts(clock: Pick<Clock, 'now' | 'random'>, most: number): Hosts {
  const hosts = new Map<string, HostState>();
  const people = new Map<string, number>();
  const now_ms = () => clock.now().getTime();
  const roomOf = ({ failures, room }: HostState) => (failures >= FAILURES ? 1 : room);

  return {
    rooms() {
      const rooms: Record<string, number> = {};
      for (const [host, state] of hosts) rooms[host] = Math.max(0, roomOf(state) - state.flying);
      for (const [user_id, flying] of people) rooms[user_id] = Math.max(0, ROOM - flying);
      return rooms;
    },
    closed() {
      const closed: Record<string, number> = {};
      for (const [host, { closed_until_ms }] of hosts) {
        const rest_ms = closed_until_ms - now_ms();
        if (rest_ms > 0) closed[host] = Math.ceil(rest_ms / 1_000);
      }
      return closed;
    },
    begin({ host, user_id }) {
      const state = hosts.get(host) ?? { flying: 0, room: Math.min(ROOM, most), failures: 0, closed_until_ms: 0 };
      state.flying += 1;
      hosts.set(host, state);
      people.set(user_id, (people.get(user_id) ?? 0) + 1);
    },
    end({ host, user_id }, outcome, took_ms) {
      const flying = (people.get(user_id) ?? 1) - 1;
      if (flying > 0) people.set(user_id, flying);
      else people.delete(user_id);
      const state = hosts.get(host);
      if (state === undefined) return;
      state.flying -= 1;
      if (outcome === 'failed') {
        state.failures += 1;
        state.room = 1;
        const over = state.failures - FAILURES;
        if (over >= 0) state.closed_until_ms = now_ms() + backoffMs(CLOSED, over + 1, clock.random);
      } else if (outcome === 'answered') {
        state.failures = 0;
        state.closed_until_ms = 0;
        state.room = took_ms <= QUICK_MS ? Math.min(most, state.room + 1) : 1;
      }
      if (state.flying === 0 && state.failures === 0) hosts.delete(host);
      forget(hosts);
    },
  };
}

/** The oldest go of which nothing is on its way. */
function forget(hosts: Map<string, HostState>): void {
  if (hosts.size <= REMEMBERED) return;
  for (const [host, { flying }] of hosts) {
    if (flying === 0) hosts.delete(host);
    if (hosts.size <= REMEMBERED) return;
  }
}
