import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../../worker/media/programs.ts';
import { clean } from '../../../worker/media/recordings.ts';
import { eventually } from '../../support/eventually.ts';
import { recording, SILENT_VIDEO } from '../../support/media-api.ts';
import { repeatedFrame } from '../../support/mp4.ts';

const MIB = 1024 * 1024;
const TOOLS = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const running = new AbortController().signal;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'astra-unit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a script of Node. */
const script = (text: string, signal = running) =>
  run(process.execPath, ['-e', text], { within_ms: 60_000, file_bytes: MIB, signal });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a program that reads files of strangers is told nothing of our environment', async () => {
  process.env['ASTRA_TEST_SECRET'] = 'words';
  try {
    expect(JSON.parse(await script('console.log(JSON.stringify(process.env))'))).not.toHaveProperty(
      'ASTRA_TEST_SECRET',
    );
  } finally {
    delete process.env['ASTRA_TEST_SECRET'];
  }
});

test('it writes no file larger than it may', async () => {
  const file = join(folder, 'large');
  const writing = script(`fs.writeFileSync(${JSON.stringify(file)}, Buffer.alloc(${8 * MIB}, 1))`);
  await expect(writing).rejects.toThrow(/ended with/);
  expect((await stat(file)).size).toBeLessThanOrEqual(MIB);
});

test('it takes no more memory than it may', async () => {
  await expect(script('Buffer.alloc(3 * 2 ** 30, 1)')).rejects.toThrow(/ended with/);
});

test('it is gone when its time is over, and when the worker stops', async () => {
  const file = join(folder, 'pid');
  const stop = new AbortController();
  const waiting = script(
    `fs.writeFileSync(${JSON.stringify(file)}, \`\${process.pid}\`); setInterval(() => {}, 1e6)`,
    stop.signal,
  );
  const pid = await eventually('it runs', async () => Number(await readFile(file, 'utf8').catch(() => '')) || null);
  stop.abort(new Error('the worker stops'));
  await expect(waiting).rejects.toThrow('the worker stops');
  expect(isAlive(pid)).toBe(false);
  const slow = run(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {
    within_ms: 200,
    file_bytes: 0,
    signal: running,
  });
  await expect(slow).rejects.toThrow('ended with SIGKILL');
});

const limits = (signal = running) => ({
  folder,
  signal,
  maxPixels: 50_000_000,
  audio_ms: 3_600_000,
  video_ms: 600_000,
});

test('a video is copied, and a frame of it drawn', async () => {
  const source = join(folder, 'original');
  await writeFile(source, await recording('mp4', [...SILENT_VIDEO, '-c:v', 'libx264']));
  const { duration_ms, files } = await clean(TOOLS, source, 'video/mp4', limits());
  expect(duration_ms).toBe(2_000);
  expect(files.map(({ name, width, height }) => [name, width, height])).toEqual([
    ['full', 320, 240],
    ['poster', 320, 240],
    ['thumbnail', 320, 240],
  ]);
});

test('a video of some kilobytes that would be copied to gigabytes is not taken (media.broken)', async () => {
  const noise = ['-f', 'lavfi', '-i', 'nullsrc=size=640x480:rate=25:duration=0.04,geq=random(1)*255:128:128'];
  const frame = await recording('mp4', [...noise, '-c:v', 'libx264', '-qp', '5', '-pix_fmt', 'yuv420p']);
  const bomb = repeatedFrame(frame, 5_000);
  expect(bomb.length).toBeLessThan(MIB);
  const source = join(folder, 'original');
  await writeFile(source, bomb);
  await expect(clean(TOOLS, source, 'video/mp4', limits())).rejects.toMatchObject({ code: 'media.broken' });
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).size).toBeLessThan(4 * MIB);
});

test('a recording that is too long is not copied (media.too_long)', async () => {
  const source = join(folder, 'original');
  const still = ['-f', 'lavfi', '-i', 'color=black:size=16x16:rate=1:duration=700', '-c:v', 'libx264'];
  await writeFile(source, await recording('mp4', still));
  await expect(clean(TOOLS, source, 'video/mp4', limits())).rejects.toMatchObject({ code: 'media.too_long' });
  expect(await readdir(folder)).toEqual(['original']);
});

test('a worker that stops refuses nothing', async () => {
  const source = join(folder, 'original');
  await writeFile(source, 'whatever it is');
  const stopped = AbortSignal.abort(new Error('the worker stops'));
  await expect(clean(TOOLS, source, 'video/mp4', limits(stopped))).rejects.toThrow('the worker stops');
});
