// Serves every functions/<name>/index.ts in one Deno process, each under its own first path segment, as a hosted project
// does after it has taken `/functions/v1` away. Started by scripts/stack/functions.ts: --port=N --functions=FOLDER.
// It does nothing that a function could come to rely on.

interface EdgeFunction {
  readonly fetch: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;
}

/** A function is imported once, on its first request or at the start, whichever is earlier. */
type Loaded = { readonly ok: true; readonly handler: EdgeFunction } | { readonly ok: false; readonly reason: string };

const options = Object.fromEntries(Deno.args.map((argument) => argument.replace(/^--/, '').split('=', 2)));
const folder: string = options.functions;
const names = Array.from(Deno.readDirSync(folder))
  .map((entry) => entry.name)
  .filter((name) => /^[a-z]/.test(name) && isFile(`${folder}/${name}/index.ts`));
const loading = new Map<string, Promise<Loaded>>();

Deno.serve({ hostname: '127.0.0.1', port: Number(options.port), onListen: () => undefined }, async (request, info) => {
  const name = new URL(request.url).pathname.split('/', 2)[1] ?? '';
  if (name === '') return Response.json(await status());
  if (!names.includes(name)) return problem(404, 'function.not_found', `There is no function "${name}".`);
  const loaded = await load(name);
  if (loaded.ok) return await loaded.handler.fetch(request, info);
  return problem(503, 'function.unavailable', `The function "${name}" could not be loaded; the reason is in the log.`);
});

// Before the first request, so that nobody waits for it and a mistake shows at once.
await Promise.all(names.map(load));

function load(name: string): Promise<Loaded> {
  const known = loading.get(name);
  if (known !== undefined) return known;
  const started = importFunction(name);
  loading.set(name, started);
  return started;
}

async function importFunction(name: string): Promise<Loaded> {
  try {
    const module = await import(new URL(`file://${folder}/${name}/index.ts`).href);
    if (typeof module.default?.fetch === 'function') return { ok: true, handler: module.default };
    throw new TypeError(`functions/${name}/index.ts has no "export default { fetch }"`);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.error(`The function "${name}" could not be loaded; the others go on. ${reason}`);
    return { ok: false, reason };
  }
}

async function status(): Promise<unknown> {
  const functions: Record<string, string> = {};
  for (const name of names) functions[name] = (await load(name)).ok ? 'ready' : 'unavailable';
  return { status: 'ok', functions };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function problem(status: number, code: string, detail: string): Response {
  const hint = status === 503 ? 'Mend the function; it is loaded again when a file changes.' : 'Check the path.';
  const title = status === 503 ? 'Service Unavailable' : 'Not Found';
  return Response.json(
    { type: `urn:astra:error:${code}`, title, status, code, detail, hint, instance: crypto.randomUUID() },
    { status, headers: { 'content-type': 'application/problem+json', ...(status === 503 && { 'retry-after': '1' }) } },
  );
}
