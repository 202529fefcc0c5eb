/** Who answers a path. */
export type Route =
  | { readonly kind: 'supabase'; readonly storage: boolean }
  | { readonly kind: 'function'; readonly path: string }
  | { readonly kind: 'realtime' }
  | { readonly kind: 'health' }
  | { readonly kind: 'home' }
  | { readonly kind: 'unknown' };

const FUNCTION_PATH = /^\/(?:functions\/v1|api)\/([A-Za-z][\w-]*)(\/.*)?$/;

/**
 * Decides by the path alone, after `.` and `..` (also as %2e) were resolved.
 * `/functions/v1/wallet/x` and `/api/wallet/x` both mean `/wallet/x` of the function host, as on a hosted project.
 */
export function routeOf(pathname: string): Route {
  if (within(pathname, '/auth/v1') || within(pathname, '/rest/v1')) return { kind: 'supabase', storage: false };
  if (within(pathname, '/storage/v1')) return { kind: 'supabase', storage: true };
  if (within(pathname, '/realtime/v1')) return { kind: 'realtime' };
  const [, name, rest = ''] = FUNCTION_PATH.exec(pathname) ?? [];
  if (name !== undefined) return { kind: 'function', path: `/${name}${rest}` };
  if (pathname === '/health') return { kind: 'health' };
  if (pathname === '/') return { kind: 'home' };
  return { kind: 'unknown' };
}

function within(pathname: string, prefix: string): boolean {
  return pathname === prefix || pathname.startsWith(`${prefix}/`);
}
