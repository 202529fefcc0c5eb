/** A map of bounded size that forgets what was used least recently. */
export interface Recent<K, V> {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V) => void;
}

/** An empty one for at most `maxEntries`; an entry that is read counts as used. */
export function createRecent<K, V>(maxEntries: number): Recent<K, V> {
  // A Map keeps the order of insertion, so its first key is always the one that was used least recently.
  const entries = new Map<K, V>();
  const touch = (key: K, value: V) => {
    entries.delete(key);
    entries.set(key, value);
  };
  return {
    get(key) {
      const value = entries.get(key);
      if (value !== undefined) touch(key, value);
      return value;
    },
    set(key, value) {
      touch(key, value);
      if (entries.size <= maxEntries) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}
