import { startEmbeddedPostgres } from '../../src/index.js';

/**
 * A process that uses a server: `process.ts DATA_DIR`. It prints `{ url, pid, adopted }` as one line when the server is
 * ready, and stops when its input ends or it receives SIGINT.
 */
const [dataDir = ''] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDir, fsync: false });
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid, adopted: server.adopted })}\n`);

const end = () => void server.stop().then(() => process.exit(0));
process.stdin.on('end', end).resume();
process.on('SIGINT', end);
