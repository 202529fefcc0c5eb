import type { Channel } from './channel.ts';
import type { WantedChanges } from './protocol.ts';
import { Refusal } from './refusal.ts';
import type { Subscription } from './subscriptions.ts';

export type RowTexts = Readonly<Record<string, string | null | undefined>>;
export interface RowChange {
  readonly type: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly table: string;
  readonly schema: string;
  readonly name: string;
  readonly row: RowTexts | null;
  readonly old: RowTexts | null;
  readonly committed_at: string;
  readonly xid: number;
}
export interface Changes {
  idOf(wanted: WantedChanges): number;
  resolve(channel: Channel, wanted: readonly WantedChanges[]): Promise<readonly Subscription[]>;
  resolveAgain(channel: Channel): Promise<void>;
  link(channel: Channel, subscriptions: readonly Subscription[]): void;
  unlink(channel: Channel): void;
  forgetTable(table: string): void;
  add(change: RowChange): Promise<void> | undefined;
  flush(): void;
}
export function createChanges(_deps: unknown): Changes {
  return {
    idOf: () => 1,
    resolve: async () => {
      throw new Refusal('x', 'not yet');
    },
    resolveAgain: async () => undefined,
    link: () => undefined,
    unlink: () => undefined,
    forgetTable: () => undefined,
    add: () => undefined,
    flush: () => undefined,
  };
}
