/** The script that closes the folder of the operators' dashboards, against a stand-in of Grafana's API. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../scripts/grafana-rights.mjs', import.meta.url));

/** @param left what Grafana says of the folder's rights afterwards */
async function run(left: object[], password = 'right', folder = 'agentidp-operations') {
  const changes: unknown[] = [];
  const server = createServer((request, response) => {
    const isAdmin = request.headers.authorization === `Basic ${btoa('admin:right')}`;
    const isThere = request.url === `/api/folders/${folder}/permissions`;
    response.statusCode = isAdmin ? (isThere ? 200 : 404) : 401;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'POST') changes.push(JSON.parse(body));
      response.end(JSON.stringify(request.method === 'POST' ? {} : left));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = {
    GRAFANA_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    GRAFANA_ADMIN_PASSWORD: password,
  };
  const outcome = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, [SCRIPT], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}`.trim() }),
    );
  });
  server.close();
  return { ...outcome, changes };
}

it('leaves the folder to administrators', async () => {
  expect(await run([])).toEqual({
    code: 0,
    said: 'Only administrators can open the folder agentidp-operations.',
    changes: [{ items: [] }],
  });
});

it('fails where viewers still have rights', async () => {
  const { code, said } = await run([{ role: 'Viewer', permission: 1 }]);
  expect([code, said]).toEqual([1, 'Viewer: still with rights on agentidp-operations']);
});

it.each([
  ['without a password', () => run([], ''), 'set GRAFANA_ADMIN_PASSWORD'],
  ['with a wrong password', () => run([], 'wrong'), 'did not accept the password'],
  ['without the folder', () => run([], 'right', 'another'), 'there is no folder agentidp-operations'],
])('%s it says what is wrong', async (_, ran, expected) => {
  expect(await ran()).toMatchObject({ code: 1, said: expect.stringContaining(expected) });
});
