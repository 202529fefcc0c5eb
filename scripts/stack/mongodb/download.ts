import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';

// A process of its own, so that its parent can put a deadline on it: a silent host makes the library wait for minutes.
const [, , folder] = process.argv;
if (!folder) throw new Error('usage: node download.ts <folder>');
console.log(`mongod=${await MongoBinary.getPath({ downloadDir: folder })}`);
