import { registerHooks } from 'node:module';

const MENDS: readonly { readonly broken: string; readonly mended: string }[] = [
  {
    broken: `  function nextWrite(fn) {
`,
    mended: `  function nextWrite(fn) {
    if (!socket) {
      nextWriteTimer !== null && clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
      return false
    }
`,
  },
  {
    // The connection is made again when this fails; its rejection is nobody's to handle.
    broken: 'return fetchArrayTypes()',
    mended: 'return fetchArrayTypes().catch(() => undefined)',
  },
];

let registered = false;

/**
 * Mends the driver that the embedded API server brings, as it is loaded; call it before the first `import()` of it.
 *
 * When the database goes away during a transaction, postgres 3.4.9 writes to a socket that is no more, from a timer; when
 * it goes away while a connection is being made, a promise rejects that nobody holds. Either ends the process, here the
 * whole stack. The first change is the one proposed upstream (https://github.com/porsager/postgres/pull/1209); once it is
 * released, look at both again.
 */
export function mendPostgresDriver(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith('/postgres/src/connection.js')) return loaded;
      const source = sourceText(loaded.source);
      if (MENDS.some(({ broken }) => source.split(broken).length !== 2)) {
        throw new Error(
          `${url} is not the version that scripts/stack/supabase/postgres-driver-fix.ts mends; see there.`,
        );
      }
      return { ...loaded, source: MENDS.reduce((text, { broken, mended }) => text.replace(broken, mended), source) };
    },
  });
}

function sourceText(source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string {
  if (typeof source === 'string') return source;
  return source === undefined ? '' : Buffer.from(source as Uint8Array).toString('utf8');
}
