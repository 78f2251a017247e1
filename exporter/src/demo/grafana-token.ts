/** A token of the demo's Grafana, with which the service publishes dashboards there. */
const ACCOUNT = 'agentidp-analytics';
const TIMEOUT_MS = 30_000;

/**
 * Makes a service account in place of the one of the run before, whose token nobody has any more.
 * @param origin such as `http://127.0.0.1:3000`
 */
export async function createGrafanaToken(origin: string, adminPassword: string): Promise<string> {
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${origin}/api/serviceaccounts${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Grafana refused a service account: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  };
  interface Account {
    id: number;
    name: string;
  }
  const { serviceAccounts } = await ask<{ serviceAccounts: Account[] }>('GET', `/search?query=${ACCOUNT}`);
  for (const { id, name } of serviceAccounts) if (name === ACCOUNT) await ask('DELETE', `/${id}`);
  const { id } = await ask<Account>('POST', '', { name: ACCOUNT, role: 'Editor' });
  return (await ask<{ key: string }>('POST', `/${id}/tokens`, { name: 'publishing' })).key;
}
