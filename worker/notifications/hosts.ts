import { type Backoff, backoffMs, type Clock } from '../time.ts';

/** How many messages for one person may be on their way at the same time, and for a host of which nothing is known yet. */
const ROOM = 2;
/** Whoever answers within it earns room for one more. */
const QUICK_MS = 1_000;
/** So many failures in a row close a target for a while, and a host when they are of several people. */
const FAILURES = 5;
const CLOSED: Backoff = { first_ms: 60_000, max_ms: 10 * 60_000 };
/** Of so many hosts, and of so many targets, it is remembered that they fail. */
const REMEMBERED = 1_000;

interface Failing {
  failures: number;
  closed_until_ms: number;
}

interface HostState extends Failing {
  flying: number;
  room: number;
  /** Of whom messages failed since one was answered, two at most: a third says nothing more. */
  readonly people: Set<string>;
}

/** How a message ended for its host: it answered, it answered that it is broken or did not answer, or it was not asked. */
export type HostOutcome = 'answered' | 'failed' | 'not_asked';

/** A message that is on its way. */
export interface Flight {
  readonly host: string;
  readonly user_id: string;
  readonly target_id: string;
}

export interface Hosts {
  /** For whom and where there is other room than `ROOM`, as `person id` and `host name`: whoever names a host names no person. */
  readonly rooms: () => Record<string, number>;
  /** What is left alone, as `host name` and `target id`, and for how many seconds more. */
  readonly closed: () => Record<string, number>;
  readonly begin: (flight: Flight) => void;
  readonly end: (flight: Flight, outcome: HostOutcome, took_ms: number) => void;
}

/**
 * Keeps a slow or dead host from taking what all share: few messages are on their way to it at a time, and after some failures in a row none
 * for a while, then one to see. A host that answers quickly gets up to `most`: a push service takes messages for everybody.
 * An address that one person has broken is left alone by itself: others may have theirs at the same host.
 */
export function createHosts(clock: Pick<Clock, 'now' | 'random'>, most: number): Hosts {
  const hosts = new Map<string, HostState>();
  const people = new Map<string, number>();
  const targets = new Map<string, Failing>();
  const now_ms = () => clock.now().getTime();
  const roomOf = ({ failures, room }: HostState) => (failures >= FAILURES ? 1 : room);

  function fail(failing: Failing, most_failures = Number.POSITIVE_INFINITY): void {
    failing.failures = Math.min(failing.failures + 1, most_failures);
    const over = failing.failures - FAILURES;
    if (over >= 0) failing.closed_until_ms = now_ms() + backoffMs(CLOSED, over + 1, clock.random);
  }

  function noteTarget(id: string, outcome: HostOutcome): void {
    if (outcome === 'answered') targets.delete(id);
    if (outcome !== 'failed') return;
    const target = targets.get(id) ?? { failures: 0, closed_until_ms: 0 };
    fail(target);
    targets.set(id, target);
    for (const oldest of targets.keys()) {
      if (targets.size <= REMEMBERED) break;
      targets.delete(oldest);
    }
  }

  return {
    rooms() {
      const rooms: Record<string, number> = {};
      for (const [host, state] of hosts) rooms[`host ${host}`] = Math.max(0, roomOf(state) - state.flying);
      for (const [user_id, flying] of people) rooms[`person ${user_id}`] = Math.max(0, ROOM - flying);
      return rooms;
    },
    closed() {
      const closed: Record<string, number> = {};
      const add = (name: string, { closed_until_ms }: Failing) => {
        const rest_ms = closed_until_ms - now_ms();
        if (rest_ms > 0) closed[name] = Math.ceil(rest_ms / 1_000);
      };
      for (const [host, state] of hosts) add(`host ${host}`, state);
      for (const [id, state] of targets) add(`target ${id}`, state);
      return closed;
    },
    begin({ host, user_id }) {
      const state = hosts.get(host) ?? {
        ...{ flying: 0, room: Math.min(ROOM, most), failures: 0, closed_until_ms: 0 },
        people: new Set<string>(),
      };
      state.flying += 1;
      hosts.set(host, state);
      people.set(user_id, (people.get(user_id) ?? 0) + 1);
    },
    end({ host, user_id, target_id }, outcome, took_ms) {
      const flying = (people.get(user_id) ?? 1) - 1;
      if (flying > 0) people.set(user_id, flying);
      else people.delete(user_id);
      noteTarget(target_id, outcome);
      const state = hosts.get(host);
      if (state === undefined) return;
      state.flying -= 1;
      if (outcome === 'failed') {
        state.room = 1;
        if (state.people.size < 2) state.people.add(user_id);
        // One person's alone do not close it, however many they are.
        fail(state, state.people.size < 2 ? FAILURES - 1 : undefined);
      } else if (outcome === 'answered') {
        state.failures = 0;
        state.people.clear();
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
