import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import type { Person } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { launchChromium } from './chromium.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A camera and a microphone that are none, asked of nobody, and calls within this machine. */
const CALL_ARGS = [
  ...[
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
  ],
  ...['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns'],
];

/** What a page in a call knows of it; written by the page's own script. */
export interface CallFacts {
  readonly state: string | null;
  readonly end: string | null;
  readonly ringing: readonly { readonly id: string; readonly my_state: string }[];
  readonly gone: readonly string[];
  readonly errors: readonly string[];
  readonly others: Readonly<Record<string, Flow>>;
}

/** What came from one of the others. */
export interface Flow {
  readonly state: string;
  readonly framesDecoded: number;
  readonly audioBytes: number;
  readonly videoBytes: number;
  /** Of the way that media take: host, srflx or relay. */
  readonly local: string | null;
  readonly remote: string | null;
}

/** As an app has it: supabase-js and astra-client as they are built, and a few lines. */
const PAGE = `<!doctype html><title>A call</title><script src="/supabase.js"></script><script type="module">
import { startCall, joinCall, declineCall, watchCalls, reconnectAfterMs } from '/client/index.js';
const facts = { state: null, end: null, ringing: [], gone: [], errors: [] };
let supabase; let call;
const report = (error) => facts.errors.push(String(error?.code ?? error?.message ?? error));
const options = async (more) => ({
  stream: await navigator.mediaDevices.getUserMedia({
    audio: true, video: more?.kind !== 'audio' && { width: 160, height: 120, frameRate: 10 },
  }),
  onStream: ({ user_id, stream }) => {
    const video = document.getElementById(user_id) ?? document.body.appendChild(document.createElement('video'));
    Object.assign(video, { id: user_id, autoplay: true, muted: true, srcObject: stream });
  },
  onCall: (card) => { facts.state = card.state; },
  onGone: (user_id) => { facts.gone.push(user_id); },
  onEnd: (reason) => { facts.end = reason; },
  onError: report,
  ...more,
});
const flowOf = async (connection) => {
  const flow = { state: connection.connectionState, framesDecoded: 0, audioBytes: 0, videoBytes: 0, local: null, remote: null };
  const stats = await connection.getStats();
  for (const one of stats.values()) {
    if (one.type === 'inbound-rtp') {
      flow.framesDecoded += one.framesDecoded ?? 0;
      flow[one.kind + 'Bytes'] += one.bytesReceived;
    } else if (one.type === 'transport' && one.selectedCandidatePairId) {
      const pair = stats.get(one.selectedCandidatePairId);
      flow.local = stats.get(pair.localCandidateId)?.candidateType ?? null;
      flow.remote = stats.get(pair.remoteCandidateId)?.candidateType ?? null;
    }
  }
  return flow;
};
window.app = {
  async signIn({ url, key, access_token, refresh_token }) {
    supabase = window.supabase.createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false }, realtime: { reconnectAfterMs } });
    const { error } = await supabase.auth.setSession({ access_token, refresh_token });
    if (error) throw error;
    await watchCalls(supabase, { onCall: ({ id, my_state }) => { facts.ringing.push({ id, my_state }); }, onError: report });
  },
  async start(user_ids, more) {
    call = await startCall(supabase, { kind: 'video', user_ids, ...(await options(more)) });
    return call.id;
  },
  async join(id, more) {
    try { call = await joinCall(supabase, id, await options(more)); return null; } catch (error) { return error.code || String(error); }
  },
  decline: async (id) => { await declineCall(supabase, id); },
  hangUp: async () => { await call.hangUp(); },
  async facts() {
    const others = {};
    for (const [user_id, connection] of call?.connections ?? []) others[user_id] = await flowOf(connection);
    return { ...facts, others };
  },
  stopSending: async () => { await call.setStream(null); },
};
document.title = 'ready';
</script>`;

/** A browser with a page for each device of somebody. */
export interface CallPages extends AsyncDisposable {
  readonly open: (person: Person) => Promise<CallPage>;
  /** Each has a microphone and a camera, of which a browser has only so many. */
  readonly closeAll: () => Promise<void>;
}

export async function openCallPages(): Promise<CallPages> {
  await promisify(execFile)(join(ROOT, 'node_modules', '.bin', 'tsc'), [
    ...['--project', join(ROOT, 'packages', 'client', 'tsconfig.json')],
  ]);
  const server = createServer((request, response) => {
    void contentOf(request.url ?? '/').then(([type, body]) => {
      response.writeHead(body === null ? 404 : 200, { 'content-type': type }).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const browser = await launchChromium(CALL_ARGS);
  return {
    open: (person) => CallPage.open(browser, `http://127.0.0.1:${address.port}/`, person),
    closeAll: async () => void (await Promise.all(browser.contexts().map((context) => context.close()))),
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function contentOf(path: string): Promise<[string, string | null]> {
  if (path === '/') return ['text/html', PAGE];
  const script = /^\/client\/([\w-]+\.js)$/.exec(path)?.[1];
  if (path !== '/supabase.js' && script === undefined) return ['text/plain', null];
  const file =
    script === undefined
      ? join(ROOT, 'node_modules', '@supabase', 'supabase-js', 'dist', 'umd', 'supabase.js')
      : join(ROOT, 'packages', 'client', 'dist', script);
  return ['text/javascript', await readFile(file, 'utf8')];
}

type App = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** One device of somebody. */
export class CallPage {
  readonly person: Person;
  readonly page: Page;

  private constructor(page: Page, person: Person) {
    this.page = page;
    this.person = person;
  }

  static async open(browser: Browser, url: string, person: Person): Promise<CallPage> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    const opened = new CallPage(page, person);
    await opened.#begin();
    return opened;
  }

  async #begin(): Promise<void> {
    const { page, person } = this;
    await page.waitForFunction(() => document.title === 'ready');
    const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
    await this.does('signIn', {
      ...{ url: SUPABASE_URL, key: SUPABASE_PUBLISHABLE_KEY },
      ...{ access_token: person.token, refresh_token: person.refresh_token },
    });
  }

  /** Another tab with a copy of what this one has stored for its session, as browsers make it of a page that opens its own address. */
  async duplicate(): Promise<CallPage> {
    const opening = this.page.waitForEvent('popup');
    await this.page.evaluate(() => void window.open(window.location.href));
    const opened = new CallPage(await opening, this.person);
    await opened.#begin();
    return opened;
  }

  /** The same tab, loaded anew. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.#begin();
  }

  /** Calls a function of the page's script. */
  async does<T = void>(name: string, ...args: readonly unknown[]): Promise<T> {
    return (await this.page.evaluate(([what, given]) => (window as unknown as { app: App }).app[what]?.(...given), [
      name,
      args,
    ] as const)) as T;
  }

  facts(): Promise<CallFacts> {
    return this.does<CallFacts>('facts');
  }

  /** As when the browser kills a tab that takes too much memory: nothing of it runs any more. */
  async kill(): Promise<void> {
    const devtools = await this.page.context().newCDPSession(this.page);
    // It is not answered: who would?
    void devtools.send('Page.crash').catch(() => undefined);
    await this.page.waitForEvent('crash');
  }
}
