const KEY = 'astra-client.page';
let fallback: string | undefined;

/** Of this page: the same when it is loaded anew, another one in another tab. Outside of pages, of the process. */
export function pageId(): string {
  try {
    const known = sessionStorage.getItem(KEY) ?? crypto.randomUUID();
    sessionStorage.setItem(KEY, known);
    return known;
  } catch {
    // No such storage, or none that this page may use.
    fallback ??= crypto.randomUUID();
    return fallback;
  }
}
