const KEY = 'astra-client.page';
/** A page that is loaded anew takes over from itself, whose lock may go a moment after it. */
const HANDED_OVER_WITHIN_MS = 500;
let page: Promise<string> | undefined;

/**
 * Of this page: the same when it is loaded anew, another one in another tab. Outside of pages, of the process. A tab that is duplicated
 * takes a copy of the storage along: so the id is held by a lock, and who finds it held takes another. In a browser without Web Locks, and
 * where the page is not secure, the two tabs have one.
 */
export function pageId(): Promise<string> {
  page ??= findId();
  return page;
}

async function findId(): Promise<string> {
  const known = stored();
  if (known !== null && (await hold(known))) return known;
  const fresh = crypto.randomUUID();
  await hold(fresh);
  store(fresh);
  return fresh;
}

/** Holds an id for as long as the page is there; false: another page does. */
async function hold(id: string): Promise<boolean> {
  const locks = globalThis.navigator?.locks;
  if (locks === undefined) return true;
  return await new Promise<boolean>((resolve) => {
    const held = locks.request(`${KEY} ${id}`, { signal: AbortSignal.timeout(HANDED_OVER_WITHIN_MS) }, () => {
      resolve(true);
      return new Promise<never>(() => undefined);
    });
    // In time it is not free; or the page may use no locks, and has its id without.
    held.catch((error: unknown) => resolve(!(error instanceof DOMException && error.name === 'TimeoutError')));
  });
}

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // no such storage, or none that this page may use
  }
}

function store(id: string): void {
  try {
    sessionStorage.setItem(KEY, id);
  } catch {
    // Then it is another one when the page is loaded anew.
  }
}
