/** The demo's dashboard, and the service account with which it is published. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DemoApi } from '../../src/demo/api.js';
import { ensureDashboard, publishDashboard } from '../../src/demo/dashboard.js';
import { createGrafanaToken } from '../../src/demo/grafana-token.js';
import { GrafanaServer } from '../custom-dashboards/grafana-server.js';
import { testApp, type TestApp } from '../support/app.js';

describe('the dashboard of the demo', () => {
  let t: TestApp;
  let grafana: GrafanaServer;
  let api: DemoApi;
  beforeAll(async () => {
    grafana = new GrafanaServer();
    t = await testApp({
      env: { GRAFANA_URL: await grafana.start(), GRAFANA_TOKEN: 'a token of a service account' },
    });
    const { authorization } = await t.headers({
      tenant: 'acme',
      scopes: ['analytics:read', 'analytics:admin'],
    });
    const url = await t.app.listen({ host: '127.0.0.1', port: 0 });
    api = new DemoApi(url, authorization!.replace('Bearer ', ''));
  });
  afterAll(async () => {
    await t.close();
    await grafana.stop();
  });

  it('is created once, and can be answered', async () => {
    const id = await ensureDashboard(api);
    expect(await ensureDashboard(api)).toBe(id);
    const { widgets } = await api.ask<{ widgets: object[] }>(`/dashboards/${id}/data`);
    expect(widgets.length).toBeGreaterThan(6);
    expect(widgets.filter((widget) => 'error' in widget)).toEqual([]);
  });

  it('is published by the service', async () => {
    const id = await ensureDashboard(api);
    expect(await publishDashboard(api, id)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/.*\/d\/aidp-/);
    expect(grafana.received.map(({ body }) => body.dashboard.title)).toEqual(['Support agents']);
  });

  it('says what the service has answered if it is refused', async () => {
    await expect(api.ask('/dashboards/01890a5d-ac96-774b-bcce-b302099a8057/publish', {})).rejects.toThrow(
      /answered 404: .*NOT_FOUND/,
    );
  });
});

describe('the service account in Grafana', () => {
  const asked: string[] = [];
  let server: Server;
  let origin: string;
  let status = 200;

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push(`${request.method} ${request.url} ${body}`);
        const answers: Record<string, object> = {
          GET: {
            serviceAccounts: [
              { id: 3, name: 'agentidp-analytics' },
              { id: 4, name: 'agentidp-analytics-other' },
            ],
          },
          DELETE: {},
          POST: { id: 7, key: 'glsa_key' },
        };
        response.statusCode = status;
        response.end(JSON.stringify(answers[request.method!]));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  it('replaces that of the run before, and no other', async () => {
    expect(await createGrafanaToken(origin, 'password')).toBe('glsa_key');
    expect(asked).toEqual([
      'GET /api/serviceaccounts/search?query=agentidp-analytics ',
      'DELETE /api/serviceaccounts/3 ',
      'POST /api/serviceaccounts {"name":"agentidp-analytics","role":"Editor"}',
      'POST /api/serviceaccounts/7/tokens {"name":"publishing"}',
    ]);
  });

  it('is an error with the answer if Grafana refuses it', async () => {
    status = 403;
    await expect(createGrafanaToken(origin, 'password')).rejects.toThrow(/^Grafana refused .*403/);
  });
});
