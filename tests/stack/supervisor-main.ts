// Runs a stack until it is killed: the process that `startSupervisor` starts.
import { type StackOptions, startStack } from '../../scripts/stack/stack.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as StackOptions;
const stack = await startStack({ ...options, quiet: true, watch: false });
process.once('SIGTERM', () => void stack[Symbol.asyncDispose]().then(() => process.exit(0)));
process.once('SIGUSR2', () => process.exit(1));
console.log('ready');
setInterval(() => undefined, 60_000);
