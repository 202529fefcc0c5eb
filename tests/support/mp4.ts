/** A box of an MP4 file. */
function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [n, value] of values.entries()) bytes.writeUInt32BE(value, n * 4);
  return bytes;
}

const PARENTS: ReadonlySet<string> = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

/**
 * The same video, whose first picture is said to come `times` times, each time from the same bytes: four bytes more in the file are one more
 * picture in what is copied out of it. Takes what ffmpeg writes of one track.
 */
export function repeatedFrame(mp4: Buffer, times: number): Buffer {
  const found = { size: 0, offset: 0 };
  const boxesOf = (bytes: Buffer): { type: string; whole: Buffer; body: Buffer }[] => {
    const boxes = [];
    for (let at = 0; at + 8 <= bytes.length; ) {
      const size = bytes.readUInt32BE(at);
      const type = bytes.toString('latin1', at + 4, at + 8);
      boxes.push({ type, whole: bytes.subarray(at, at + size), body: bytes.subarray(at + 8, at + size) });
      at += size;
    }
    return boxes;
  };
  const look = (bytes: Buffer): void => {
    for (const { type, body } of boxesOf(bytes)) {
      if (PARENTS.has(type)) look(body);
      if (type === 'stsz') found.size = body.readUInt32BE(4) || body.readUInt32BE(12);
      if (type === 'stco') found.offset = body.readUInt32BE(8);
    }
  };
  const written = (bytes: Buffer): Buffer =>
    Buffer.concat(
      boxesOf(bytes).map(({ type, whole, body }) => {
        if (PARENTS.has(type)) return box(type, written(body));
        if (type === 'stts') return box('stts', numbers(0, 1, times, 16));
        if (type === 'stsz') return box('stsz', numbers(0, found.size, times));
        if (type === 'stsc') return box('stsc', numbers(0, 1, 1, 1, 1));
        if (type === 'stco')
          return box('stco', numbers(0, times, ...Array.from({ length: times }, () => found.offset)));
        // What would cut it to its length of before.
        return type === 'edts' || type === 'ctts' ? box('free', body) : whole;
      }),
    );
  look(mp4);
  return written(mp4);
}
