import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { drawApart } from './drawing.ts';
import type { MadeFile } from './made.ts';
import { run } from './programs.ts';
import { Refused } from './refused.ts';

const RUN_MS = 120_000;
const PROBE_MS = 20_000;
const MIB = 1024 * 1024;
/** A container may write more around the same streams, and little of what is short. */
const GROWTH = { factor: 1.25, bytes: MIB };
/** A frame as PNG is no larger. */
const FRAME_BYTES = 64 * MIB;

/** What players and browsers know; anything else would come up as a black square. */
const VIDEO_CODECS: ReadonlySet<string> = new Set(['h264', 'hevc', 'vp8', 'vp9', 'av1']);
const AUDIO_CODECS: ReadonlySet<string> = new Set([
  'aac',
  'mp3',
  'opus',
  'vorbis',
  'flac',
  'pcm_s16le',
  'pcm_s24le',
  'pcm_f32le',
]);

/** How each type is read, and written again with and without pictures. The reader is named: left to itself, ffmpeg would also follow playlists. */
const CONTAINERS: Readonly<Record<string, { reader: string; video: Container; audio: Container }>> = {
  'video/mp4': mp4(),
  'video/quicktime': mp4(),
  'audio/mp4': mp4(),
  'video/webm': {
    reader: 'matroska',
    video: { writer: 'webm', extension: 'webm', mime_type: 'video/webm' },
    audio: { writer: 'webm', extension: 'webm', mime_type: 'audio/webm' },
  },
  'audio/mpeg': soundOnly('mp3', 'mp3', 'mp3', 'audio/mpeg'),
  'audio/ogg': soundOnly('ogg', 'ogg', 'ogg', 'audio/ogg'),
  'audio/wav': soundOnly('wav', 'wav', 'wav', 'audio/wav'),
};

interface Container {
  readonly writer: string;
  readonly extension: string;
  readonly mime_type: string;
}

function mp4() {
  return {
    reader: 'mov',
    video: { writer: 'mp4', extension: 'mp4', mime_type: 'video/mp4' },
    audio: { writer: 'ipod', extension: 'm4a', mime_type: 'audio/mp4' },
  };
}

function soundOnly(reader: string, writer: string, extension: string, mime_type: string) {
  const container = { writer, extension, mime_type };
  return { reader, video: container, audio: container };
}

export interface Ffmpeg {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

export interface Recording {
  readonly kind: 'video' | 'audio';
  readonly mime_type: string;
  readonly duration_ms: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly blurhash: string | null;
  readonly extension: string;
  readonly files: readonly MadeFile[];
}

export interface RecordingLimits {
  readonly folder: string;
  readonly maxPixels: number;
  readonly signal: AbortSignal;
  readonly audio_ms: number;
  readonly video_ms: number;
}

/** Whether both programs run here. */
export async function findFfmpeg(tools: Ffmpeg): Promise<boolean> {
  const limits = { within_ms: PROBE_MS, file_bytes: 0, signal: AbortSignal.timeout(PROBE_MS) };
  const both = [tools.ffmpeg, tools.ffprobe].map((program) => run(program, ['-version'], limits));
  return (await Promise.allSettled(both)).every((result) => result.status === 'fulfilled');
}

/**
 * Takes picture and sound out of a recording and writes them into a new file, without anything else that was in it: places, names, cover
 * pictures, subtitles, tracks of sensors. Nothing is encoded again. Of a video a frame is drawn.
 * Throws Refused: media.type_unsupported, media.too_long, media.too_many_pixels, media.broken.
 */
export async function clean(tools: Ffmpeg, source: string, type: string, limits: RecordingLimits): Promise<Recording> {
  const container = CONTAINERS[type];
  if (container === undefined) throw new Refused('media.type_unsupported');
  const { streams, format: announced } = await probe(tools, source, container.reader, limits);
  const picture = container.video === container.audio ? undefined : streams.find(isPicture);
  const sound = streams.find(({ codec_type }) => codec_type === 'audio');
  const kind = picture === undefined ? 'audio' : 'video';
  if (!isKnown(picture, VIDEO_CODECS) || !isKnown(sound, AUDIO_CODECS)) throw new Refused('media.type_unsupported');
  if (picture === undefined && sound === undefined) throw new Refused('media.broken');
  const { width = null, height = null } = picture ?? {};
  if ((width ?? 0) * (height ?? 0) > limits.maxPixels) throw new Refused('media.too_many_pixels');
  const longest_ms = kind === 'video' ? limits.video_ms : limits.audio_ms;
  // Of MP3 it is a guess. Where nothing is said, what is written stops soon after the longest.
  if (container.reader !== 'mp3' && Number(announced.duration ?? 0) * 1_000 > longest_ms) {
    throw new Refused('media.too_long');
  }

  const { extension, mime_type } = container[kind];
  const file = `${limits.folder}/full.${extension}`;
  const size = await copyStreams(tools, source, file, [picture, sound], container.reader, container[kind].writer, {
    ...limits,
    longest_ms,
  });
  // Of the new file: what a browser recorded says nothing of how long it is.
  const { format } = await probe(tools, file, container.reader, limits);
  const duration_ms = Math.round(Number(format.duration ?? 0) * 1_000);
  if (!(duration_ms > 0)) throw new Refused('media.broken');
  if (duration_ms > longest_ms) throw new Refused('media.too_long');

  const full: MadeFile = { name: 'full', file, mime_type, size_bytes: size, width, height };
  const facts = { kind, mime_type, duration_ms, extension } as const;
  if (kind === 'audio') {
    const decoding = ['-f', container.reader, '-i', file, '-t', '10', '-f', 'null', '-'];
    await ffmpeg(tools, decoding, { ...limits, file_bytes: 0 });
    return { ...facts, width: null, height: null, blurhash: null, files: [full] };
  }
  const frame = await frameOf(tools, file, container.reader, duration_ms, limits);
  const { files, blurhash } = await drawApart(frame, ['poster', 'thumbnail'], limits);
  const [poster] = files;
  // The frame is turned as the video is shown; its own measures are those of the sensor.
  const isTurned =
    width !== null &&
    height !== null &&
    width > height !== (poster?.width ?? 0) > (poster?.height ?? 0) &&
    width !== height;
  const shown = isTurned ? { width: height, height: width } : { width, height };
  return { ...facts, ...shown, blurhash, files: [{ ...full, ...shown }, ...files] };
}

/**
 * Writes streams into a new file, and gives its size. Samples of a file may lie over each other, so that some kilobytes are copied to as
 * many gigabytes: what grows far beyond what was uploaded is not taken. Throws Refused: media.broken.
 */
async function copyStreams(
  tools: Ffmpeg,
  source: string,
  file: string,
  streams: readonly (Stream | undefined)[],
  reader: string,
  writer: string,
  limits: RecordingLimits & { readonly longest_ms: number },
): Promise<number> {
  const largest = Math.ceil((await stat(source)).size * GROWTH.factor) + GROWTH.bytes;
  const maps = streams.flatMap((stream) => (stream === undefined ? [] : ['-map', `0:${stream.index}`]));
  const args = [
    ...['-f', reader, '-i', source, ...maps, '-c', 'copy'],
    ...['-t', `${Math.ceil(limits.longest_ms / 1_000) + 2}`, '-fs', `${largest}`],
    ...['-map_metadata', '-1', '-map_metadata:s', '-1', '-map_chapters', '-1'],
    ...['-fflags', '+bitexact', '-flags', '+bitexact'],
    ...(writer === 'mp4' || writer === 'ipod' ? ['-movflags', '+faststart'] : []),
    ...(writer === 'mp3' ? ['-id3v2_version', '0', '-write_id3v1', '0'] : []),
    ...['-f', writer, file],
  ];
  // The limit of the process is for a program that does not keep to its own.
  await ffmpeg(tools, args, { ...limits, file_bytes: largest * 2 });
  const { size } = await stat(file);
  if (size >= largest) throw new Refused('media.broken', new Error(`it grew to ${size} bytes`));
  return size;
}

const probed = z.object({
  streams: z
    .array(
      z.looseObject({
        index: z.number().int(),
        codec_type: z.string().optional(),
        codec_name: z.string().optional(),
        width: z.number().int().optional(),
        height: z.number().int().optional(),
        disposition: z.looseObject({ attached_pic: z.number().optional() }).optional(),
      }),
    )
    .default([]),
  format: z.looseObject({ duration: z.string().optional() }).default({}),
});
type Stream = z.infer<typeof probed>['streams'][number];

function isPicture({ codec_type, disposition }: Stream): boolean {
  return codec_type === 'video' && disposition?.attached_pic !== 1;
}

function isKnown(stream: Stream | undefined, codecs: ReadonlySet<string>): boolean {
  return stream === undefined || codecs.has(stream.codec_name ?? '');
}

async function probe(
  tools: Ffmpeg,
  file: string,
  reader: string,
  { maxPixels, signal }: RecordingLimits,
): Promise<z.infer<typeof probed>> {
  const args = [
    ...['-v', 'error', '-protocol_whitelist', 'file', '-max_pixels', `${maxPixels}`, '-f', reader],
    ...['-print_format', 'json', '-show_format', '-show_streams', file],
  ];
  try {
    return probed.parse(JSON.parse(await run(tools.ffprobe, args, { within_ms: PROBE_MS, file_bytes: 0, signal })));
  } catch (cause) {
    signal.throwIfAborted();
    throw new Refused('media.broken', cause);
  }
}

/** The picture a second after the beginning, or in the middle of what is shorter. */
async function frameOf(
  tools: Ffmpeg,
  file: string,
  reader: string,
  duration_ms: number,
  limits: RecordingLimits,
): Promise<string> {
  const frame = `${limits.folder}/frame.png`;
  const at_s = Math.min(1, duration_ms / 2_000).toFixed(3);
  const size = "scale='min(1280,iw)':-2";
  const args = [
    ...['-max_pixels', `${limits.maxPixels}`, '-f', reader, '-ss', at_s, '-i', file],
    ...['-frames:v', '1', '-vf', size, '-f', 'image2', '-c:v', 'png', frame],
  ];
  await ffmpeg(tools, args, { ...limits, file_bytes: FRAME_BYTES });
  return frame;
}

async function ffmpeg(
  tools: Ffmpeg,
  args: readonly string[],
  { signal, file_bytes }: Pick<RecordingLimits, 'signal'> & { readonly file_bytes: number },
): Promise<void> {
  const safe = ['-nostdin', '-y', '-v', 'error', '-threads', '1', '-protocol_whitelist', 'file,pipe'];
  try {
    await run(tools.ffmpeg, [...safe, ...args], { within_ms: RUN_MS, file_bytes, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Refused('media.broken', cause);
  }
}
