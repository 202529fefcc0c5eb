import { Buffer } from 'node:buffer';
import busboy from 'busboy';
import { AppError } from '../../contracts/errors.ts';

const LIMITS = { fields: 8, fieldNameSize: 64, fieldSize: 256, files: 1, parts: 10, headerPairs: 32 } as const;

/** The file of a form as it comes, and the fields that stood before it. */
export interface UploadForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: AsyncIterable<Uint8Array>;
  /** What its sender says it is. */
  readonly mime_type: string;
  /** Ends the reading of the rest, which nobody wants. */
  readonly cancel: () => void;
}

/**
 * Reads a form up to its file. The file is not read on before somebody takes it, so only what Storage has not taken yet is in memory.
 * Throws request.unsupported_media_type, media.form_invalid.
 */
export async function readForm(request: Request): Promise<UploadForm> {
  const contentType = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new AppError('request.unsupported_media_type', { hint: 'Send multipart/form-data.' });
  }
  if (request.body === null) throw new AppError('media.form_invalid');
  let parser: busboy.Busboy;
  try {
    parser = busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
  } catch (cause) {
    throw new AppError('media.form_invalid', { cause });
  }
  // Not Readable.fromWeb: a source that fails must end the parser with its own words, and is to be left in the middle.
  const source = request.body.getReader();
  const cancel = () => {
    parser.destroy();
    source.cancel().catch(() => undefined);
  };
  return await new Promise<UploadForm>((resolve, reject) => {
    const fields: Record<string, string> = {};
    let found = false;
    const refuse = (cause?: unknown) => {
      cancel();
      reject(new AppError('media.form_invalid', { cause }));
    };
    parser.on('field', (name, value) => {
      fields[name] = value;
    });
    parser.on('file', (_name, file, { mimeType }) => {
      found = true;
      // Whoever reads sees the error; until then it must not be unhandled.
      file.on('error', () => undefined);
      resolve({ fields, file, mime_type: mimeType, cancel });
    });
    parser.on('error', refuse);
    parser.on('close', () => {
      if (!found) refuse();
    });
    feed(source, parser).catch(refuse);
  });
}

/** Gives the parser no more than it takes. */
async function feed(source: ReadableStreamDefaultReader<Uint8Array>, parser: busboy.Busboy): Promise<void> {
  for (;;) {
    const { done, value } = await source.read();
    if (parser.destroyed) return;
    if (done) break;
    if (!parser.write(Buffer.from(value.buffer, value.byteOffset, value.byteLength))) await drained(parser);
    if (parser.destroyed) return;
  }
  parser.end();
}

function drained(parser: busboy.Busboy): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      parser.off('drain', done);
      parser.off('close', done);
      parser.off('error', done);
      resolve();
    };
    parser.once('drain', done);
    parser.once('close', done);
    parser.once('error', done);
  });
}

/** The first `size` bytes of a file (fewer of a shorter one), and a stream of all of it. */
export async function peek(
  file: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ readonly head: Uint8Array; readonly whole: AsyncGenerator<Uint8Array> }> {
  const iterator = file[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < size && !ended) {
    const { done, value } = await iterator.next();
    if (done) ended = true;
    else {
      first.push(value);
      length += value.length;
    }
  }
  const head = Buffer.concat(first);
  return {
    head,
    whole: (async function* () {
      if (head.length > 0) yield head;
      while (!ended) {
        const { done, value } = await iterator.next();
        if (done) return;
        yield value;
      }
    })(),
  };
}

/** A web stream that asks for a piece when the one before has been taken, and not sooner; `failed` is told what ended it. */
export function streamOf(
  pieces: AsyncGenerator<Uint8Array>,
  failed: (reason: unknown) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          failed(error);
          throw error;
        }
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
