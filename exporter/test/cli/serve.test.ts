import { pino } from 'pino';
import { startService } from '../../src/cli/serve.js';
import { loadConfig } from '../../src/config.js';
import { SECRET } from '../support/app.js';
import { createTestDatabase } from '../support/database.js';

it('a service whose scheduler cannot start is never ready, and reports why', async () => {
  const database = await createTestDatabase();
  const config = loadConfig({ DATABASE_URL: database.url, AUTH_JWT_SECRET: SECRET, PORT: '0' });
  const broken = { ...config, aggregationCron: 'at night' };
  const service = await startService(broken, pino({ level: 'silent' }));
  await expect(service.prepared).rejects.toThrow('at night');
  const ready = await service.app.inject('/health/ready');
  expect([ready.statusCode, ready.json()]).toMatchObject([503, { status: 'migrating', database: 'up' }]);
  await service.stop();
  await database.drop();
});
