import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import pg from 'pg';
import type { BenchEnvironment } from './bench-stack.ts';

/** Somebody with a session and money. */
export interface Person {
  readonly id: string;
  readonly session: string;
  readonly token: string;
}

/**
 * Makes people with a session and a million each, straight in the database: a thousand sign-ups would measure bcrypt.
 * The triggers make their profiles and wallets as for anybody.
 */
export async function makePeople(
  env: Pick<BenchEnvironment, 'SUPABASE_DB_URL' | 'SUPABASE_JWT_SECRET'>,
  count: number,
): Promise<readonly Person[]> {
  const client = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
  await client.connect();
  const people = Array.from({ length: count }, () => ({ id: randomUUID(), session: randomUUID() }));
  const ids = people.map(({ id }) => id);
  await client.query(
    `insert into auth.users (id, email, raw_user_meta_data)
     select id, id || '@example.com', jsonb_build_object('username', 'bench' || n)
     from unnest($1::uuid[]) with ordinality u (id, n)`,
    [ids],
  );
  await client.query('insert into auth.sessions (id, user_id) select * from unnest($1::uuid[], $2::uuid[])', [
    people.map(({ session }) => session),
    ids,
  ]);
  await client.query(
    `select admin.fund_wallet(p.username::text, '1000000.00', 'USD', 'bench') from public.profiles p where p.id = any ($1)`,
    [ids],
  );
  await client.query('analyze');
  await client.end();
  const secret = new TextEncoder().encode(env.SUPABASE_JWT_SECRET);
  return Promise.all(
    people.map(async ({ id, session }) => ({
      id,
      session,
      token: await new SignJWT({ role: 'authenticated', session_id: session, email: `${id}@example.com` })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(id)
        .setAudience('authenticated')
        .setIssuedAt()
        .setExpirationTime('2h')
        .sign(secret),
    })),
  );
}

/** Two different ones by chance. */
export function twoOf<T>(all: readonly T[]): readonly [T, T] {
  const first = Math.floor(Math.random() * all.length);
  const second = (first + 1 + Math.floor(Math.random() * (all.length - 1))) % all.length;
  return [all[first] as T, all[second] as T];
}
