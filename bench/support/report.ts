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
  const computed = ratios.map((ratio) => ({ name: ratio.name, ...compare(measurements, ratio) }));
  console.table(Object.fromEntries(measurements.map(({ name, by_round: _, ...figures }) => [name, figures])));
  console.table(
    Object.fromEntries(
      computed.map(({ name, by_round, ...figures }) => [
        name,
        by_round ? { ...figures, by_round: by_round.join(' ') } : figures,
      ]),
    ),
  );
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

interface Compared {
  readonly ratio: number;
  readonly by_round?: readonly number[];
  readonly aim?: string;
  readonly met?: boolean;
}

/** Of rates that were taken in the same rounds: the middle one of the ratios by round. */
function compare(measurements: readonly Measurement[], ratio: Ratio): Compared {
  const { by = 'requests_per_s', aim } = ratio;
  const found = compareFigures(measurements, ratio);
  if (aim === undefined) return found;
  const isRate = by === 'requests_per_s';
  return { ...found, aim: `${isRate ? '>=' : '<='} ${aim}`, met: isRate ? found.ratio >= aim : found.ratio <= aim };
}

function compareFigures(measurements: readonly Measurement[], { of, against, by }: Ratio): Compared {
  const [over, under] = [of, against].map((name) => measurements.find((m) => m.name === name));
  const thousandths = (value: number) => Math.round(value * 1000) / 1000;
  if (by === undefined && over?.by_round !== undefined && over.by_round.length === under?.by_round?.length) {
    const by_round = over.by_round.map((rate, n) => thousandths(rate / (under.by_round?.[n] ?? Number.NaN)));
    return { ratio: by_round.toSorted((a, b) => a - b)[Math.floor(by_round.length / 2)] ?? Number.NaN, by_round };
  }
  const figure = (m: Measurement | undefined) => m?.[by ?? 'requests_per_s'] ?? Number.NaN;
  return { ratio: thousandths(figure(over) / (against === undefined ? 1 : figure(under))) };
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
