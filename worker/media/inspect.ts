import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { takenType } from '../../contracts/media-types.ts';
import { Refused } from './refused.ts';

/** Beginnings of what a browser or an unpacker would run or open. No picture or recording has a reason to hold one of them. */
const MARKUP = ['<script', '<!doctype', '<iframe'] as const;
/** So short that they come up in large files by chance, so text has to follow, or the end of the file. */
const SHORT_MARKUP = /<(?:svg|html|\?php)[\s/>][\t\n\r\x20-\x7e]{7}/;
const SHORT_MARKUP_AT_END = /<(?:svg|html|\?php)(?:[\s/>][\t\n\r\x20-\x7e]{0,6})?$/;
const ARCHIVES = ['rar!\x1a\x07', '7z\xbc\xaf\x27\x1c'] as const;
/** As much of a piece is looked at with the next: longer than anything that is looked for. */
const OVERLAP = 32;
/** The end of a zip archive, with the longest comment that it may have. */
const ZIP_END_BYTES = 22 + 65_535;
const PDF_WITHIN_BYTES = 1_024;

/**
 * The type of a file by its content. Throws Refused: media.type_unsupported, or media.polyglot when it is something else as well.
 * Other pictures behind a picture (motion photos, gain maps) are taken: what is made of it has none of them.
 */
export async function inspect(file: string): Promise<string> {
  const found = await fileTypeFromFile(file).catch(() => undefined);
  const type = takenType(found?.mime);
  if (type === undefined) throw new Refused('media.type_unsupported');
  if ((await hasHidden(file)) || (await endsAsZip(file))) throw new Refused('media.polyglot');
  return type;
}

async function hasHidden(file: string): Promise<boolean> {
  let before = '';
  let isFirst = true;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    const text = before + chunk.toString('latin1').toLowerCase();
    if (isFirst && text.slice(0, PDF_WITHIN_BYTES).includes('%pdf-')) return true;
    if ([...MARKUP, ...ARCHIVES].some((word) => text.includes(word)) || SHORT_MARKUP.test(text)) return true;
    isFirst = false;
    before = text.slice(-OVERLAP);
  }
  return SHORT_MARKUP_AT_END.test(before);
}

/** Whether an unpacker finds a zip archive (also a jar, a docx, …): it looks from the end. */
async function endsAsZip(file: string): Promise<boolean> {
  const { size } = await stat(file);
  await using handle = await open(file);
  const length = Math.min(size, ZIP_END_BYTES);
  const tail = Buffer.alloc(length);
  await handle.read(tail, 0, length, size - length);
  for (let at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1'); at >= 0; ) {
    const position = size - length + at;
    if (at + 22 <= length) {
      const directory = tail.readUInt32LE(at + 12);
      const comment = tail.readUInt16LE(at + 20);
      if (directory <= position && at + 22 + comment <= length) return true;
    }
    if (at === 0) return false;
    at = tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1');
  }
  return false;
}
