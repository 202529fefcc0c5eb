import { createAnalytics } from './analytics/analytics.ts';
import { readConfig } from './config.ts';
import { reasonOf } from './log.ts';
import { restartFold } from './rollups/fold.ts';

// `node worker/replay-rollups.ts`: counts the daily rollups again from the beginning of the log. The worker may run; it
// notices and starts over. docs/worker.md says when this is needed.
try {
  const { mongodbUrl } = readConfig(process.env);
  if (mongodbUrl === null) throw new Error('MONGODB_URL is not set: there are no rollups to count again');
  await using analytics = createAnalytics(mongodbUrl);
  await restartFold(analytics, new Date());
  console.log('The rollups are being counted again from the start; astra_rollup_lag_seconds shows when it is done.');
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
