/** Clients of the real service, for the tests of one file. */
import type { AnalyticsClient } from '../../src/index.js';
import { Clients } from './client.js';
import { RealService } from './exporter.js';

export interface RealClients {
  clients: Clients;
  /** Once the tests run. */
  service: () => RealService;
  /** With a token of the tenant. */
  open: (tenant: string) => AnalyticsClient;
}

/** Starts a service before the tests of the file, and ends it after them; clients are closed after each test. */
export function withRealService(): RealClients {
  const clients = new Clients();
  let service: RealService;
  beforeAll(async () => {
    service = await RealService.start();
  }, 90_000);
  afterAll(() => service.stop(), 60_000);
  afterEach(() => clients.close());
  return {
    clients,
    service: () => service,
    open: (tenant) => clients.open({ url: service.url, token: () => service.token(tenant) }),
  };
}
