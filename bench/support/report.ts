import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from './load.ts';

type Figure = 'requests_per_s' | 'p50_ms' | 'p99_ms';

/** One figure against another of the same run. Machines differ and are noisy; ratios travel better than rates. */
export interface Ratio {
  readonly name: string;
  readonly of: string;
  /** Without it the figure itself, where the aim is one of time. */
  readonly against?: string;
  /** Of the rates, unless it says the times: there, less is better. */
  readonly by?: Figure;
  /** What is aimed at: at least so much of a rate, at most so much of a time. */
  readonly aim?: number;
}

/** Prints the measurements and their ratios, and writes both to `bench/results/<suite>.json` with the machine's facts. */
export async function report(
  suite: string,
  measurements: readonly Measurement[],
  ratios: readonly Ratio[],
  facts: Readonly<Record<string, number>> = {},
): Promise<void> {
  const computed = ratios.map((ratio) => compute(measurements, ratio));
  console.table(Object.fromEntries(measurements.map(({ name, ...figures }) => [name, figures])));
  console.table(Object.fromEntries(computed.map(({ name, ...ratio }) => [name, ratio])));
  if (Object.keys(facts).length > 0) console.table(facts);

  const shortened = ['BENCH_SECONDS', 'BENCH_MESSAGES', 'BENCH_PART'].filter((name) => process.env[name] !== undefined);
  if (shortened.length > 0) {
    console.log(`Not written: ${shortened.join(', ')} is set, and what is kept was measured in full.`);
    return;
  }
  const folder = join(import.meta.dirname, '..', 'results');
  const file = join(folder, `${suite}.json`);
  await mkdir(folder, { recursive: true });
  const content = {
    suite,
    measured_at: new Date().toISOString(),
    machine: machineFacts(),
    ...facts,
    measurements,
    ratios: computed,
  };
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
  console.log(`Written to ${file}`);
}

function compute(measurements: readonly Measurement[], { name, of, against, by = 'requests_per_s', aim }: Ratio) {
  const figure = (of: string) => measurements.find((m) => m.name === of)?.[by] ?? Number.NaN;
  const ratio = Math.round((figure(of) / (against === undefined ? 1 : figure(against))) * 1000) / 1000;
  if (aim === undefined) return { name, ratio };
  const met = by === 'requests_per_s' ? ratio >= aim : ratio <= aim;
  return { name, ratio, aim: `${by === 'requests_per_s' ? '>=' : '<='} ${aim}`, met };
}

function machineFacts() {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  };
}
