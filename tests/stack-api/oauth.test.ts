import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../scripts/stack/context.ts';
import { startGateway } from '../../scripts/stack/gateway.ts';
import { type SupabaseService, startSupabase } from '../../scripts/stack/supabase.ts';
import { testEnvironment } from '../support/environment.ts';
import { openScratch, type Scratch } from './scratch.ts';

const CLIENT_ID = 'client-of-the-test';
const CLIENT_SECRET = 'secret-of-the-test';
const BACK = 'http://localhost:3000/after-sign-in';

/** Somebody at the stand-in for GitHub. */
interface Person {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
}

let scratch: Scratch;
let github: Awaited<ReturnType<typeof startGithub>>;
let supabase: SupabaseService;
let gateway: Service;

beforeAll(async () => {
  scratch = await openScratch();
  github = await startGithub();
  // An API server of its own on the database under test: the shared one has no provider switched on.
  supabase = await startSupabase(scratch.context, {
    databaseUrl: testEnvironment().SUPABASE_DB_URL,
    mail: { send: async () => undefined },
    environment: {
      SUPABASE_AUTH_EXTERNAL_GITHUB_CLIENT_ID: CLIENT_ID,
      SUPABASE_AUTH_EXTERNAL_GITHUB_SECRET: CLIENT_SECRET,
      SUPABASE_AUTH_EXTERNAL_GITHUB_URL: github.url,
      SUPABASE_AUTH_EXTERNAL_GOOGLE_CLIENT_ID: CLIENT_ID,
      SUPABASE_AUTH_EXTERNAL_GOOGLE_SECRET: CLIENT_SECRET,
    },
  });
  gateway = await startGateway(scratch.context, { supabase });
});

afterAll(async () => {
  for (const part of [gateway, supabase, github, scratch]) await part[Symbol.asyncDispose]();
});

/** A browser's client: it keeps the PKCE verifier between leaving for the provider and coming back. */
function browserClient() {
  const kept = new Map<string, string>();
  return createClient(gateway.url, scratch.context.secrets.publishableKey, {
    auth: {
      flowType: 'pkce',
      autoRefreshToken: false,
      detectSessionInUrl: false,
      storage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
        removeItem: (key) => void kept.delete(key),
      },
    },
  });
}

/** Follows redirects as a browser does, up to the app's own address, and gives that. */
async function followToApp(start: string): Promise<URL> {
  let url = start;
  for (let hops = 0; hops < 5; hops += 1) {
    if (url.startsWith('http://localhost:3000')) return new URL(url);
    const response = await fetch(url, { redirect: 'manual' });
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url).href;
  }
  throw new Error('Too many redirects.');
}

async function leaveFor(client: ReturnType<typeof browserClient>, provider: 'github' | 'google'): Promise<string> {
  const options = { redirectTo: BACK, skipBrowserRedirect: true };
  const { data, error } = await client.auth.signInWithOAuth({ provider, options });
  if (error || !data.url) throw error ?? new Error('no address');
  return data.url;
}

function newPerson(): Person {
  const login = `octo${randomUUID().slice(0, 8)}`;
  return { id: Math.floor(Math.random() * 2 ** 40), login, name: 'Octo Cat', email: `${login}@example.com` };
}

describe('sign-in with GitHub', () => {
  it('ends in a session of a new user with the facts from GitHub', async () => {
    const person = newPerson();
    github.signedIn = person;
    const client = browserClient();
    const back = await followToApp(await leaveFor(client, 'github'));
    expect(back.origin + back.pathname).toBe(BACK);

    const { data, error } = await client.auth.exchangeCodeForSession(back.searchParams.get('code') ?? '');
    expect(error).toBeNull();
    expect(data.user?.email).toBe(person.email);
    expect(data.user?.user_metadata).toMatchObject({ user_name: person.login, full_name: person.name });
    const profile = await client
      .from('profiles')
      .select('id')
      .eq('id', data.user?.id ?? '');
    expect(profile.data).toHaveLength(1);
  });

  it('gives the same user at the second sign-in', async () => {
    github.signedIn = newPerson();
    const ids = new Set<string | undefined>();
    for (let round = 0; round < 2; round += 1) {
      const client = browserClient();
      const back = await followToApp(await leaveFor(client, 'github'));
      const { data } = await client.auth.exchangeCodeForSession(back.searchParams.get('code') ?? '');
      ids.add(data.user?.id);
    }
    expect(ids.size).toBe(1);
    expect(ids.has(undefined)).toBe(false);
  });

  it('refuses the code to somebody without the verifier (PKCE)', async () => {
    github.signedIn = newPerson();
    const back = await followToApp(await leaveFor(browserClient(), 'github'));
    const thief = browserClient();
    await leaveFor(thief, 'github');
    const { data, error } = await thief.auth.exchangeCodeForSession(back.searchParams.get('code') ?? '');
    expect(error).not.toBeNull();
    expect(data.session).toBeNull();
  });

  it('takes people back to the app when they decline', async () => {
    github.signedIn = undefined;
    const back = await followToApp(await leaveFor(browserClient(), 'github'));
    expect(back.searchParams.get('error') ?? back.hash).toContain('access_denied');
  });

  it('refuses a callback with a state that was never given out', async () => {
    const response = await fetch(`${gateway.url}/auth/v1/callback?code=x&state=${randomUUID()}`, {
      redirect: 'manual',
    });
    expect(response.headers.get('location')).toContain('error');
  });

  it('sends nobody to an address that is not on the list', async () => {
    github.signedIn = newPerson();
    const options = { redirectTo: 'https://evil.example/steal', skipBrowserRedirect: true };
    const { data } = await browserClient().auth.signInWithOAuth({ provider: 'github', options });
    const authorize = await fetch(data.url ?? '', { redirect: 'manual' });
    const callback = await fetch(authorize.headers.get('location') ?? '', { redirect: 'manual' });
    const end = await fetch(callback.headers.get('location') ?? '', { redirect: 'manual' });
    expect(end.headers.get('location')).not.toContain('evil.example');
  });
});

describe('sign-in with Google', () => {
  it('leaves for Google with client id, scopes, state and our callback', async () => {
    const response = await fetch(await leaveFor(browserClient(), 'google'), { redirect: 'manual' });
    const target = new URL(response.headers.get('location') ?? '');
    expect(target.origin).toBe('https://accounts.google.com');
    expect(Object.fromEntries(target.searchParams)).toMatchObject({
      client_id: CLIENT_ID,
      response_type: 'code',
      scope: 'email profile',
      redirect_uri: `${gateway.url}/auth/v1/callback`,
    });
    expect(target.searchParams.get('state')).toMatch(/^[\w-]{20,}$/);
  });
});

it('switches a provider off when its variables are not set', async () => {
  await using other = await startSupabase(scratch.context, {
    databaseUrl: testEnvironment().SUPABASE_DB_URL,
    mail: { send: async () => undefined },
    environment: {},
  });
  const request = new Request(`${gateway.url}/auth/v1/authorize?provider=github`);
  const response = await other.fetch(request, '127.0.0.1');
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('provider is not enabled');
});

/** Speaks GitHub's OAuth and user API: one person is signed in there, or declines. */
async function startGithub() {
  const codes = new Map<string, Person>();
  const state = { signedIn: undefined as Person | undefined };
  const server = createServer((request, response) => {
    void answerGithub(request, response, codes, state);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stand-in has no port.');
  return Object.assign(state, {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}

async function answerGithub(
  request: IncomingMessage,
  response: ServerResponse,
  codes: Map<string, Person>,
  state: { signedIn: Person | undefined },
): Promise<void> {
  const { pathname, searchParams } = new URL(`http://github${request.url}`);
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  switch (pathname) {
    case '/login/oauth/authorize': {
      const back = new URL(searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('state', searchParams.get('state') ?? '');
      if (state.signedIn === undefined) back.searchParams.set('error', 'access_denied');
      else {
        const code = randomUUID();
        codes.set(code, state.signedIn);
        back.searchParams.set('code', code);
      }
      if (searchParams.get('client_id') !== CLIENT_ID) return send(404, {});
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    case '/login/oauth/access_token': {
      const form = new URLSearchParams(await text(request));
      const code = form.get('code') ?? '';
      if (form.get('client_secret') !== CLIENT_SECRET || !codes.has(code)) return send(200, { error: 'bad_code' });
      return send(200, { access_token: code, token_type: 'bearer', scope: 'user:email' });
    }
    case '/api/v3/user':
    case '/api/v3/user/emails': {
      const person = codes.get((request.headers.authorization ?? '').replace('Bearer ', ''));
      if (person === undefined) return send(401, { message: 'Bad credentials' });
      const { email, ...facts } = person;
      return send(200, pathname.endsWith('/emails') ? [{ email, primary: true, verified: true }] : facts);
    }
    default:
      return send(404, {});
  }
}
