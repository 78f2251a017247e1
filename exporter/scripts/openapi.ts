/** Writes docs/openapi.yaml from the route schemas; with `--check` it fails where the committed one differs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { buildApp } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { createPool } from '../src/db/pool.js';

const target = fileURLToPath(new URL('../../docs/openapi.yaml', import.meta.url));

// Nothing is asked of the database: the document is made of the schemas alone.
const pool = createPool({ url: 'postgres://127.0.0.1/none' });
const { app } = await buildApp({
  config: loadConfig({ AUTH_JWT_SECRET: 'only the schemas of the routes are read here' }),
  pool,
  logger: pino({ level: 'silent' }),
  migrationsDir: '',
  processMetrics: false,
});
await app.ready();
const text = `# Generated from the route schemas by \`npm run openapi\`; do not edit.\n${stringify(app.swagger(), { lineWidth: 110 })}`;
await app.close();
await pool.end();

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write(
    'docs/openapi.yaml differs from the route schemas: run npm run openapi and commit it\n',
  );
  process.exitCode = 1;
}
