import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { drawAnew, type MadeFile } from './pictures.ts';
import { Refused } from './refused.ts';

const RUN_MS = 120_000;
const PROBE_MS = 20_000;
const MAX_OUTPUT = 256 * 1024;

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
  readonly audio_ms: number;
  readonly video_ms: number;
}

/** Whether both programs run here. */
export async function findFfmpeg(tools: Ffmpeg): Promise<boolean> {
  const both = [tools.ffmpeg, tools.ffprobe].map((program) => run(program, ['-version'], PROBE_MS));
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
  const { streams } = await probe(tools, source, container.reader);
  const picture = container.video === container.audio ? undefined : streams.find(isPicture);
  const sound = streams.find(({ codec_type }) => codec_type === 'audio');
  const kind = picture === undefined ? 'audio' : 'video';
  if (!isKnown(picture, VIDEO_CODECS) || !isKnown(sound, AUDIO_CODECS)) throw new Refused('media.type_unsupported');
  if (picture === undefined && sound === undefined) throw new Refused('media.broken');
  const { width = null, height = null } = picture ?? {};
  if ((width ?? 0) * (height ?? 0) > limits.maxPixels) throw new Refused('media.too_many_pixels');

  const { writer, extension, mime_type } = container[kind];
  const file = `${limits.folder}/full.${extension}`;
  const maps = [picture, sound].flatMap((stream) => (stream === undefined ? [] : ['-map', `0:${stream.index}`]));
  await ffmpeg(tools, [
    ...['-f', container.reader, '-i', source, ...maps, '-c', 'copy'],
    ...[
      '-map_metadata',
      '-1',
      '-map_metadata:s',
      '-1',
      '-map_chapters',
      '-1',
      '-fflags',
      '+bitexact',
      '-flags',
      '+bitexact',
    ],
    ...(writer === 'mp4' || writer === 'ipod' ? ['-movflags', '+faststart'] : []),
    ...(writer === 'mp3' ? ['-id3v2_version', '0', '-write_id3v1', '0'] : []),
    ...['-f', writer, file],
  ]);
  // Of the new file: what a browser recorded says nothing of how long it is.
  const { format } = await probe(tools, file, container.reader);
  const duration_ms = Math.round(Number(format.duration ?? 0) * 1_000);
  if (!(duration_ms > 0)) throw new Refused('media.broken');
  if (duration_ms > (kind === 'video' ? limits.video_ms : limits.audio_ms)) throw new Refused('media.too_long');

  const { size } = await stat(file);
  const full: MadeFile = { name: 'full', file, mime_type, size_bytes: size, width, height };
  const facts = { kind, mime_type, duration_ms, extension } as const;
  if (kind === 'audio') {
    await ffmpeg(tools, ['-f', container.reader, '-i', file, '-t', '10', '-f', 'null', '-']);
    return { ...facts, width: null, height: null, blurhash: null, files: [full] };
  }
  const frame = await frameOf(tools, file, container.reader, duration_ms, limits);
  const { files, blurhash } = await drawAnew(frame, ['poster', 'thumbnail'], limits);
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

async function probe(tools: Ffmpeg, file: string, reader: string): Promise<z.infer<typeof probed>> {
  const args = [
    '-v',
    'error',
    '-protocol_whitelist',
    'file',
    '-f',
    reader,
    '-print_format',
    'json',
    '-show_format',
    '-show_streams',
    file,
  ];
  try {
    return probed.parse(JSON.parse(await run(tools.ffprobe, args, PROBE_MS)));
  } catch (cause) {
    throw new Refused('media.broken', cause);
  }
}

/** The picture a second after the beginning, or in the middle of what is shorter. */
async function frameOf(
  tools: Ffmpeg,
  file: string,
  reader: string,
  duration_ms: number,
  { folder }: RecordingLimits,
): Promise<string> {
  const frame = `${folder}/frame.png`;
  const at_s = Math.min(1, duration_ms / 2_000).toFixed(3);
  const size = "scale='min(1280,iw)':-2";
  await ffmpeg(tools, [
    '-f',
    reader,
    '-ss',
    at_s,
    '-i',
    file,
    '-frames:v',
    '1',
    '-vf',
    size,
    '-f',
    'image2',
    '-c:v',
    'png',
    frame,
  ]);
  return frame;
}

async function ffmpeg(tools: Ffmpeg, args: readonly string[]): Promise<void> {
  const safe = ['-nostdin', '-y', '-v', 'error', '-threads', '1', '-protocol_whitelist', 'file,pipe'];
  try {
    await run(tools.ffmpeg, [...safe, ...args], RUN_MS);
  } catch (cause) {
    throw new Refused('media.broken', cause);
  }
}

/** What a program wrote. It is given nothing of our environment: it reads files of strangers. */
function run(program: string, args: readonly string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      ...{ stdio: ['ignore', 'pipe', 'pipe'], timeout, killSignal: 'SIGKILL' },
      env: { PATH: process.env['PATH'] ?? '' },
    });
    let output = '';
    let complaint = '';
    child.stdout?.on('data', (data: Buffer) => {
      output = (output + data.toString()).slice(0, MAX_OUTPUT);
    });
    child.stderr?.on('data', (data: Buffer) => {
      complaint = (complaint + data.toString()).slice(-500);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code ?? signal}: ${complaint}`));
    });
  });
}
