import { spawn } from 'node:child_process';

const MAX_OUTPUT = 256 * 1024;
const MEMORY_KIB = 2 * 1024 * 1024;
/** In which POSIX counts the size of a file. */
const BLOCK_BYTES = 512;

/**
 * sh sets the limits and then becomes the program, so there is one process to kill. Memory is what may be written to: address space alone is
 * taken in terabytes. A limit that a system does not have (macOS: memory) stays away there.
 */
const LIMITED = `s=$1 f=$2; shift 2; ulimit -c 0; ulimit -t "$s"; ulimit -f "$f"; ulimit -d ${MEMORY_KIB} 2>/dev/null || :; exec "$0" "$@"`;

export interface RunLimits {
  /** By the clock, and of work. */
  readonly within_ms: number;
  /** No file that it writes may be larger. */
  readonly file_bytes: number;
  /** Kills it. */
  readonly signal: AbortSignal;
}

/**
 * What a program wrote. It reads files of strangers: it is given nothing of our environment, and no more time, memory and disk than it needs.
 * Throws when it does not end well, and the reason of the signal.
 */
export function run(program: string, args: readonly string[], limits: RunLimits): Promise<string> {
  const { within_ms, file_bytes, signal } = limits;
  signal.throwIfAborted();
  const seconds = `${Math.ceil(within_ms / 1_000)}`;
  const blocks = `${Math.ceil(file_bytes / BLOCK_BYTES)}`;
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', LIMITED, program, seconds, blocks, ...args], {
      ...{ stdio: ['ignore', 'pipe', 'pipe'], timeout: within_ms, killSignal: 'SIGKILL', signal },
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
    // Told when it is gone: until then it may still write.
    child.once('error', (error) => {
      if (child.pid === undefined) reject(error);
    });
    child.once('close', (code, killedBy) => {
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code ?? killedBy}: ${complaint}`));
    });
  });
}
