import type { Parameter } from './inline.ts';

/** A statement and its parameters. */
export interface Statement {
  readonly text: string;
  readonly params: readonly Parameter[];
}

/** The row that a statement of `rpc` gives for each row of the function. */
export interface RpcRow<T> {
  readonly row: T;
}

/**
 * Calls a function of `public` by the names of its arguments and gives each row as the JSON that the REST API of Supabase
 * gives for it; `undefined` leaves an argument to its default.
 */
export function rpc(name: string, args: Readonly<Record<string, Parameter | undefined>>): Statement {
  const params: Parameter[] = [];
  const given = Object.entries(args).flatMap(([argument, value]) =>
    value === undefined ? [] : [`${argument} => $${params.push(value)}`],
  );
  return { text: `select to_json(r) as row from public.${name}(${given.join(', ')}) r`, params };
}
