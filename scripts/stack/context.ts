/** The addresses of one stack. `base` is the API port; every other port is at a fixed distance from it. */
export interface StackPorts {
  readonly api: number;
  readonly database: number;
  readonly studio: number;
  readonly mail: number;
  readonly smtp: number;
  readonly functions: number;
  readonly worker: number;
  readonly redis: number;
  readonly mongodb: number;
  readonly payments: number;
  readonly realtime: number;
}

/** The default is the port of `supabase start`, so that clients need no change between the two. */
export const DEFAULT_PORT_BASE = 54321;

/** Spreads the ports of a stack from its first one. */
export function portsFrom(base: number): StackPorts {
  return {
    api: base,
    database: base + 1,
    studio: base + 2,
    mail: base + 3,
    smtp: base + 4,
    functions: base + 5,
    worker: base + 6,
    redis: base + 7,
    mongodb: base + 8,
    payments: base + 9,
    realtime: base + 10,
  };
}

/** Made on the first start, kept in the data folder with mode 0600, never committed. */
export interface StackSecrets {
  /** Passwords of database roles, by role name. */
  readonly passwords: {
    readonly supabase_admin: string;
    readonly postgres: string;
    readonly supabase_lite: string;
    readonly supabase_realtime_gateway: string;
    readonly astra_api: string;
    readonly astra_worker: string;
  };
  /** HS256 secret of the local Auth. */
  readonly jwtSecret: string;
  /** `sb_publishable_…`: what clients send as `apikey`. */
  readonly publishableKey: string;
  /** `sb_secret_…`: bypasses row-level security; for servers only. */
  readonly secretKey: string;
  /** `sk_fake_…`: what our servers show the local payment provider. */
  readonly paymentsKey: string;
  /** `whsec_…`: what the local payment provider signs its webhooks with. */
  readonly paymentsWebhookSecret: string;
  /** With which push messages are signed (VAPID); browsers get the public one. */
  readonly vapidPublicKey: string;
  readonly vapidPrivateKey: string;
}

/** What every service of the stack is started with. */
export interface StackContext {
  /** The repository's root folder. */
  readonly root: string;
  /** This stack's own data: database files, mails, uploads, secrets. */
  readonly dataDir: string;
  /** Downloads and builds shared by all stacks of this checkout. */
  readonly cacheDir: string;
  readonly ports: StackPorts;
  readonly secrets: StackSecrets;
  /** One line for people; `service` is the part that speaks. */
  readonly log: (service: string, line: string) => void;
}

/** A running part of the stack. Disposing it stops it and waits until it is gone. */
export interface Service extends AsyncDisposable {
  readonly name: string;
  /** Where it answers, for people and for other parts. */
  readonly url: string;
  /** Resolves with the reason when the part dies by itself; never resolves while it runs or after it was disposed. */
  readonly died: Promise<string>;
}
