/**
 * A program that records one event and ends without closing the client: `ending-process.ts URL WAY OPTIONS`. It ends
 * because it has nothing left to do, after a top-level await of `flush`, or on a signal.
 */
import { AnalyticsClient, type AnalyticsClientOptions } from '../../src/index.js';

const [url = '', way = '', options = '{}'] = process.argv.slice(2);
const client = new AnalyticsClient({
  url,
  token: 't',
  flushIntervalMs: 60_000,
  onError: ({ code }, items) => process.stdout.write(`${code} ${items.length}\n`),
  ...(JSON.parse(options) as Partial<AnalyticsClientOptions>),
});
client.recordEvent({ metricType: 'api_calls', agentId: way });
if (way === 'listener') process.on('SIGTERM', () => setTimeout(() => process.exit(7), 1_000));
if (way === 'signal' || way === 'listener') setInterval(() => undefined, 1e6);
if (way === 'await') process.stdout.write(`${await client.flush()}\n`);
process.stdout.write('recorded\n');
