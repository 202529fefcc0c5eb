import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyMigrations } from './migrate.ts';
import { startScratchServer } from './server.ts';
import { ROOT } from './sql-files.ts';
import { databaseTypes } from './supabase-cli.ts';

await using server = await startScratchServer();
const url = await server.createDatabase('from_migrations');
await applyMigrations(url, () => undefined);
await writeFile(join(ROOT, 'contracts', 'database.ts'), await databaseTypes(url));
console.log('contracts/database.ts is what the migrations say.');
