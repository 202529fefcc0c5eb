import { createClient } from '@supabase/supabase-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallSignals } from '../../../packages/client/src/call-signals.ts';
import { IceServers } from '../../../packages/client/src/ice-servers.ts';
import { joinCall, startCall } from '../../../packages/client/src/index.ts';
import type { Topics } from '../../../packages/client/src/topics.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const TTL_MS = 600_000;

/** Servers asked for at a function that answers, or does not. */
function servers() {
  const asked = { times: 0, isDown: false, hangs: false, aborted: 0, isAhead_ms: 0 };
  const supabase = createClient('http://localhost:9', 'key', {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      fetch: async (_url, init) => {
        asked.times += 1;
        if (asked.hangs) {
          return await new Promise<Response>((_, reject) => {
            init?.signal?.addEventListener('abort', () => {
              asked.aborted += 1;
              reject(new DOMException('aborted', 'AbortError'));
            });
          });
        }
        if (asked.isDown) throw new TypeError('fetch failed');
        const ice_servers = [{ urls: ['turn:127.0.0.1'], username: `${asked.times}`, credential: 'secret' }];
        const now_ms = Date.now() + asked.isAhead_ms;
        const expires_at = new Date(now_ms + TTL_MS).toISOString();
        return Response.json({ ice_servers, expires_at }, { headers: { date: new Date(now_ms).toUTCString() } });
      },
    },
  });
  const failures: unknown[] = [];
  const ice = new IceServers(supabase, crypto.randomUUID(), undefined, (error) => failures.push(error));
  const name = async () => (await ice.get())[0]?.username;
  return { asked, failures, ice, name };
}

test('ICE servers are renewed a minute before their credentials end, without anybody asking', async () => {
  const { asked, ice, name } = servers();
  expect([await name(), await name()]).toEqual(['1', '1']);
  await vi.advanceTimersByTimeAsync(TTL_MS - 61_000);
  expect(asked.times).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked.times).toBe(2);
  expect(await name()).toBe('2');
  ice.close();
  await vi.advanceTimersByTimeAsync(2 * TTL_MS);
  expect(asked.times).toBe(2);
});

test('the last ICE servers are kept when they cannot be renewed, and renewed when they can again', async () => {
  const { asked, failures, ice, name } = servers();
  await name();
  asked.isDown = true;
  await vi.advanceTimersByTimeAsync(TTL_MS);
  expect(failures.length).toBeGreaterThan(0);
  expect(await name()).toBe('1');
  asked.isDown = false;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await name()).toBe(`${asked.times}`);
  ice.close();
});

test('who does not answer for ten seconds is asked anew, and no longer waited for once the call is over', async () => {
  const { asked, failures, ice, name } = servers();
  asked.hangs = true;
  const first = name();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await first).toBeUndefined();
  expect([failures.length, asked.aborted]).toEqual([1, 1]);
  asked.hangs = false;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await name()).toBe('2');

  asked.hangs = true;
  await vi.advanceTimersByTimeAsync(TTL_MS - 59_000);
  expect([asked.times, asked.aborted]).toEqual([3, 1]);
  ice.close();
  await vi.advanceTimersByTimeAsync(2 * TTL_MS);
  expect([asked.times, asked.aborted, failures.length]).toEqual([3, 2, 1]);
});

test.each([-3_600_000, 3_600_000])(
  'the life of credentials is counted by the clock of the server, which is ahead by %i ms',
  async (isAhead_ms) => {
    const { asked, ice, name } = servers();
    asked.isAhead_ms = isAhead_ms;
    await name();
    await vi.advanceTimersByTimeAsync(TTL_MS - 62_000);
    expect(asked.times).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(asked.times).toBe(2);
    ice.close();
  },
);

test('topics of a call are joined at once, and then anew once a second at most, the latest ones', () => {
  const joined: string[] = [];
  const open = new Set<string>();
  const sent: string[] = [];
  const topics: Pick<Topics, 'listen'> = {
    listen: (name) => {
      joined.push(name);
      open.add(name);
      return { isJoined: true, send: () => sent.push(name) > 0, [Symbol.dispose]: () => void open.delete(name) };
    },
  };
  const handlers = { onReady: () => undefined, onSignal: () => undefined, onAbsent: () => undefined };
  const signals = new CallSignals(topics as Topics, 'me', handlers);
  signals.follow('call:1', ['ana', 'ben']);
  expect(joined).toEqual(['call:1:me', 'call:1:ana', 'call:1:ben']);
  // Ben goes and comes, again and again.
  for (let epoch = 2; epoch <= 20; epoch += 1)
    signals.follow(`call:${epoch}`, epoch % 2 === 0 ? ['ana'] : ['ana', 'ben']);
  expect(joined).toHaveLength(3);
  // Who is out may still be on the old ones: nobody is heard there any more, and nothing said, at once.
  expect([...open]).toEqual([]);
  signals.send('ana', 'session', { kind: 'candidates', candidates: [] });
  vi.advanceTimersByTime(999);
  expect([joined.length, sent]).toEqual([3, []]);
  vi.advanceTimersByTime(1);
  signals.send('ana', 'session', { kind: 'candidates', candidates: [] });
  expect(sent).toEqual(['call:20:me']);
  expect(joined.slice(3)).toEqual(['call:20:me', 'call:20:ana']);
  expect([...open]).toEqual(['call:20:me', 'call:20:ana']);
  vi.advanceTimersByTime(1_000);
  signals.follow('call:21', ['ana']);
  expect(joined.slice(5)).toEqual(['call:21:me', 'call:21:ana']);
  signals.follow('call:22', ['ana']);
  signals.close();
  vi.advanceTimersByTime(5_000);
  expect([joined.length, open.size]).toEqual([7, 0]);
});

test('a program without WebRTC rings nobody and answers nothing', async () => {
  const fetch = vi.fn();
  const onStream = () => undefined;
  const supabase = createClient('http://localhost:9', 'key', { auth: { persistSession: false }, global: { fetch } });
  const refused = { code: 'client.no_webrtc', status: 0 };
  await expect(startCall(supabase, { kind: 'audio', user_ids: ['x'], onStream })).rejects.toMatchObject(refused);
  await expect(joinCall(supabase, crypto.randomUUID(), { onStream })).rejects.toMatchObject(refused);
  expect(fetch).not.toHaveBeenCalled();
});
