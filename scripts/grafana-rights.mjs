/**
 * Takes the folder of the operators' dashboards from viewers and editors: only Grafana's administrators keep access. The
 * provisioning of dashboards cannot do that. The rights stay when Grafana restarts and the dashboards change.
 *
 *   GRAFANA_URL=http://127.0.0.1:3000 GRAFANA_ADMIN_PASSWORD=… node scripts/grafana-rights.mjs
 */
const FOLDER = 'agentidp-operations';

const { GRAFANA_URL: url = 'http://127.0.0.1:3000', GRAFANA_ADMIN_USER: user = 'admin' } = process.env;
const password = process.env.GRAFANA_ADMIN_PASSWORD;
if (!password) fail('set GRAFANA_ADMIN_PASSWORD to the password of an administrator of Grafana');

/** @returns the answer to an administrator's request */
async function ask(method, path, body) {
  const response = await fetch(`${url.replace(/\/$/, '')}/api/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  }).catch((error) => fail(`Grafana does not answer at ${url}: ${error.cause?.message ?? error.message}`));
  const text = await response.text();
  if (response.status === 401) fail('Grafana did not accept the password');
  if (response.status === 404) fail(`there is no folder ${FOLDER}; have the dashboards been provisioned?`);
  if (!response.ok) fail(`Grafana answered ${response.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

await ask('POST', `folders/${FOLDER}/permissions`, { items: [] });
const left = await ask('GET', `folders/${FOLDER}/permissions`);
const others = left.filter(({ role }) => role === 'Viewer' || role === 'Editor');
if (others.length > 0)
  fail(`${others.map(({ role }) => role).join(' and ')}: still with rights on ${FOLDER}`);
console.log(`Only administrators can open the folder ${FOLDER}.`);
