// `npm run bench -- wallet` runs one suite on a stack of its own and writes bench/results/<suite>.json.
import { runBaseSuite } from './base.ts';
import { runChatSuite } from './chat.ts';
import { runFeedSuite } from './feed.ts';
import { runWalletSuite } from './wallet.ts';

const suites: Record<string, () => Promise<void>> = {
  base: runBaseSuite,
  wallet: runWalletSuite,
  feed: runFeedSuite,
  chat: runChatSuite,
};

const name = process.argv[2] ?? '';
const suite = suites[name];
if (suite === undefined) {
  console.error(`Which suite? npm run bench -- ${Object.keys(suites).join(' | ')}`);
  process.exit(2);
}
await suite();
process.exit(0);
