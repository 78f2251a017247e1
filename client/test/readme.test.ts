/** The examples of the README, run unchanged with the built package and the real service. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from './support/client.js';
import { type Json, RealService } from './support/exporter.js';

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL('..', import.meta.url));
const ROOT = path.join(CLIENT, '..');

let service: RealService;
let folder: string;
let examples: Example[];

beforeAll(async () => {
  [service, folder, examples] = await Promise.all([RealService.start(), install(), readExamples()]);
}, 120_000);
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** A directory with the package as npm installs it, and the frameworks of the hooks. */
async function install(): Promise<string> {
  const made = await realpath(await mkdtemp(path.join(tmpdir(), 'agentidp-readme-')));
  const home = path.join(made, 'node_modules/@agentidp/analytics-client');
  await mkdir(home, { recursive: true });
  const { files, ...manifest } = JSON.parse(await readFile(path.join(CLIENT, 'package.json'), 'utf8'));
  expect(files).toContain('dist');
  await writeFile(path.join(home, 'package.json'), JSON.stringify(manifest));
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  await run('node', [
    tsc,
    '-p',
    path.join(CLIENT, 'tsconfig.build.json'),
    '--outDir',
    path.join(home, 'dist'),
  ]);
  for (const name of ['fastify', 'express']) {
    const from = path.dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
    await symlink(from, path.join(made, 'node_modules', name));
  }
  return made;
}

interface Example {
  imports: string;
  body: string;
}

async function readExamples(): Promise<Example[]> {
  const readme = await readFile(path.join(CLIENT, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code]) => {
    const lines = code!.split('\n');
    const isImport = (line: string) => line.startsWith('import ');
    return {
      imports: lines.filter(isImport).join('\n'),
      body: lines.filter((line) => !isImport(line)).join('\n'),
    };
  });
}

function example(word: string): Example {
  const found = examples.filter(({ imports, body }) => `${imports}\n${body}`.includes(word));
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** Runs a module with a tenant's token and returns its output. */
async function runModule(tenant: string, code: string, name = tenant): Promise<string> {
  const file = path.join(folder, `${name}.mjs`);
  await writeFile(file, code);
  const env = {
    PATH: process.env.PATH,
    ANALYTICS_URL: service.url,
    ANALYTICS_TOKEN: await service.token(tenant),
  };
  const { stdout, stderr } = await run('node', [file], { env, timeout: 30_000 });
  expect(stderr).toBe('');
  return stdout.trim();
}

const CLIENT_MADE = `import { AnalyticsClient } from '@agentidp/analytics-client';
const analytics = new AnalyticsClient({ url: process.env.ANALYTICS_URL, token: process.env.ANALYTICS_TOKEN });`;

/** The date of today or of a day near it, UTC. */
const today = (days = 0): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

it('the first example records an execution', async () => {
  const { imports, body } = example('invoice_search');
  await runModule('first', `${imports}\n${body}`);
  const { items } = await service.ask('first', 'executions');
  expect(items).toHaveLength(1);
  const found = await service.ask('first', `executions/${String((items as Json[])[0]!.id)}`);
  expect(found).toMatchObject({
    ...{ agent_id: 'billing-bot', user_id: 'u-7', status: 'success', cost_source: 'computed' },
    ...{ input_tokens: 1200, output_tokens: 300 },
    steps: [{ tool_name: 'invoice_search', content: 'three invoices are open', status: 'success' }],
  });
});

it('the reservation example reserves, runs and records until the budget is exceeded', async () => {
  await service.ask('reserving', 'budgets', {
    ...{ name: 'bot', scope: 'agent', scope_id: 'billing-bot', threshold_usd: 0.05, alert_type: 'hard_stop' },
  });
  const { imports, body } = example('BudgetExceededError');
  const printed = await runModule(
    'reserving',
    `${CLIENT_MADE}
     ${imports}
     const work = (execution) => execution.usage({ cost_usd: 0.02, model: 'gpt-4o', provider: 'openai' });
     async function ask() { ${body} }
     console.log(await ask());
     await analytics.flush();
     console.log(await ask());
     await analytics.close();`,
  );
  expect(printed.split('\n')).toEqual(['undefined', 'the budget "bot" has no room']);
  expect(await service.ask('reserving', 'executions')).toMatchObject({
    total: 1,
    items: [{ cost_usd: 0.02 }],
  });
});

it.each([
  [
    'fastify',
    `import Fastify from 'fastify';
     const app = Fastify({ forceCloseConnections: true });
     app.decorateRequest('user', null);
     app.addHook('onRequest', async (request) => { request.user = { agentId: 'billing-bot' }; });`,
    `app.get('/agents/:id', async () => 'there');
     const address = await app.listen({ port: 0, host: '127.0.0.1' });
     const close = () => app.close();`,
  ],
  [
    'express',
    `import express from 'express';
     const app = express();`,
    `app.get('/agents/:id', (request, response) => response.send('there'));
     const server = app.listen(0, '127.0.0.1');
     await new Promise((listening) => server.once('listening', listening));
     const address = 'http://127.0.0.1:' + server.address().port;
     const close = () => { server.closeAllConnections(); server.close(); };`,
  ],
])('sends the requests of %s', async (name, app, routes) => {
  const { imports, body } = example(`@agentidp/analytics-client/${name}`);
  await runModule(
    name,
    `${CLIENT_MADE}
     ${imports}
     ${app}
     ${body}
     ${routes}
     await (await fetch(address + '/agents/7', { headers: { 'x-agent-id': 'billing-bot' } })).text();
     await close();
     await analytics.close();`,
  );
  await eventually('counted', async () => {
    const { endpoints } = await service.ask(name, 'call-patterns');
    const [first] = endpoints as Json[];
    return first?.endpoint === 'GET /agents/:id' && first.calls === 1;
  });
  const { agents } = await service.ask(name, 'agent-activity');
  expect(agents).toMatchObject([{ agentId: 'billing-bot', dailyActivity: [{ apiCalls: 1 }] }]);
});

it('the example of recommendations prints one and dismisses it', async () => {
  await service.ask('saving', 'cost-items', {
    ...{ category: 'storage', amount_usd: 3, agent_id: 'archive' },
    ...{ start_date: today(-29), end_date: today() },
  });
  const { imports, body } = example('getCostRecommendations(');
  expect((await runModule('saving', `${imports}\n${body}`)).split('\n')).toEqual([
    'archive has not run in the last 30 days and still costs $3.00 a month. 3 false',
    '3 true',
  ]);
});

it('the example of reports creates one and runs it', async () => {
  const { imports, body } = example('createReport(');
  expect((await runModule('reporting', `${imports}\n${body}`)).split('\n')).toEqual([
    'Monday 7d',
    'true true',
    'Monday weekly',
  ]);
});

it('the example of alerts creates one, tests it and deletes it', async () => {
  const { imports, body } = example('createAlert(');
  const [tested, listed] = (await runModule('alerting', `${imports}\n${body}`)).split('\n');
  expect(tested).toMatch(/^[\da-f-]{36} no_data null$/);
  // It may have been evaluated in between.
  expect(listed).toMatch(/^Failing executions (ok|no_data)$/);
  expect(await service.ask('alerting', 'alerts')).toMatchObject({ alerts: [] });
});

it('the example of files makes two and reads them', async () => {
  await runModule(
    'filing',
    `${CLIENT_MADE}
     await analytics.run({ agent_id: 'billing-bot' }, () => undefined);
     await analytics.close();`,
  );
  const { imports, body } = example('analytics.export(');
  const [link, header, bytes] = (await runModule('filing', `${imports}\n${body}`)).split('\n');
  expect(link).toMatch(/^1 http:\S+\/export\/[\da-f-]{36}\/download\?\S+ \d{4}-/);
  expect(header).toContain('agent_id');
  expect(Number(bytes)).toBeGreaterThan(100);
});

it('the example of live figures ends when a call has arrived', async () => {
  const { imports, body } = example('subscribeLive(');
  const printed = runModule('watching', `${imports}\n${body}`);
  const send = `${CLIENT_MADE}
     analytics.recordEvent({ metricType: 'api_calls', agentId: 'billing-bot' });
     await analytics.close();`;
  await runModule('watching', send, 'sending');
  expect((await printed).split('\n').at(-1)).toBe('0 1 0');
});

it('the example of dashboards creates one, reads it, and says what publishing needs', async () => {
  const { imports, body } = example('createDashboard(');
  expect((await runModule('drawing', `${imports}\n${body}`)).split('\n')).toEqual([
    'Support agents Executions, Models',
    'publishing needs the settings GRAFANA_URL and GRAFANA_TOKEN',
  ]);
});

it('the examples of reading print what was recorded', async () => {
  const recorder = await runModule(
    'reading',
    `${CLIENT_MADE}
     const tool = { step_type: 'tool_call', tool_name: 'search', status: 'success' };
     for (const agent_id of ['billing-bot', 'audit-bot']) {
       await analytics.run({ agent_id, user_id: 'u-1', session_id: 's-1' }, (execution) => {
         execution.step(tool);
         execution.usage({ provider: 'openai', model: 'gpt-4o', input_tokens: 1000, output_tokens: 100, cost_usd: 0.25 });
       });
     }
     analytics.recordEvent({ metricType: 'api_calls', agentId: 'audit-bot', status: 429 });
     await analytics.close();`,
  );
  expect(recorder).toBe('');
  await eventually('rolled up', async () => {
    const { total_calls } = await service.ask('reading', 'usage');
    const { total_executions } = await service.ask('reading', 'summary');
    const { avg_executions } = await service.ask('reading', 'sessions/metrics');
    return total_calls === 1 && total_executions === 2 && avg_executions === 2;
  });
  const printed = async (word: string): Promise<string[]> => {
    const { imports, body } = example(word);
    return (await runModule('reading', `${imports}\n${body}`)).split('\n');
  };
  expect(await printed('getSummary(')).toEqual(['2 100 0', '1 0.25 0', 'billing-bot 100, audit-bot 100']);
  expect(await printed('getCostTrends(')).toEqual(['1 1 2200 1 search', '0.5 0.5 30']);
  expect(await printed('getSessionMetrics(')).toEqual([
    '1 null search 0',
    'search 1, refund 0',
    's-1 active',
  ]);
  expect(await printed('getTeamMetrics(')).toEqual(['1 2', 'u-1 2', 'audit-bot 0', 'billing-bot 0']);
});
