/** Pushes a dashboard to Grafana over its HTTP API. */
import { AppError, RETRY_AFTER } from '../errors.js';
import { isObject } from '../json.js';
import { grafanaDashboard } from './grafana.js';
import type { CustomDashboard } from './schema.js';

const TIMEOUT_MS = 10_000;
/** Grafana answers with a few hundred bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface GrafanaAccess {
  url: string | undefined;
  token: string | undefined;
  timeoutMs?: number;
}

export interface Published {
  uid: string;
  url: string;
  version: number;
}

const failed = (message: string, cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', `the dashboard was not published: ${message}`, {
    retryAfter: RETRY_AFTER.failure,
    cause,
  });

/** @throws AppError CONFLICT where no Grafana is configured, UNAVAILABLE where it does not take the dashboard */
export async function publish(dashboard: CustomDashboard, access: GrafanaAccess): Promise<Published> {
  const { url, token, timeoutMs = TIMEOUT_MS } = access;
  if (url === undefined || token === undefined) {
    throw new AppError('CONFLICT', 'publishing needs the settings GRAFANA_URL and GRAFANA_TOKEN');
  }
  const base = url.endsWith('/') ? url : `${url}/`;
  const { status, text } = await send(new URL('api/dashboards/db', base), token, timeoutMs, {
    dashboard: { ...grafanaDashboard(dashboard), id: null },
    overwrite: true,
    message: 'Published from AgentIdP Analytics',
  });
  if (status !== 200) throw failed(reasonOf(status, text));
  const answer = parsed(text);
  const { uid, url: path, version } = isObject(answer) ? answer : {};
  if (typeof uid !== 'string' || typeof path !== 'string' || typeof version !== 'number') {
    throw failed('what answers at GRAFANA_URL is not Grafana');
  }
  // Grafana's path has its own prefix.
  return { uid, url: new URL(path, base).toString(), version };
}

async function send(
  url: URL,
  token: string,
  timeoutMs: number,
  body: object,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // The token is for this address alone.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await textOf(response) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const isLate = (error as { name?: unknown }).name === 'TimeoutError';
    throw failed(
      isLate
        ? `Grafana did not answer within ${timeoutMs / 1000} s`
        : 'Grafana is unreachable at GRAFANA_URL',
      error,
    );
  }
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes > MAX_ANSWER_BYTES) throw failed('the answer at GRAFANA_URL is too long to be that of Grafana');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const REASONS: Record<number, string> = {
  401: 'Grafana did not accept GRAFANA_TOKEN',
  // Where anonymous access is on, Grafana takes an unknown token for a visitor.
  403: 'GRAFANA_TOKEN may not create or change dashboards; it must be a token of a service account with the role Editor',
  404: 'there is no Grafana API at GRAFANA_URL',
  412: 'a provisioned dashboard has its uid',
};

function reasonOf(status: number, text: string): string {
  const known = REASONS[status];
  if (known !== undefined) return known;
  const answer = parsed(text);
  const message = isObject(answer) && typeof answer.message === 'string' ? `: ${answer.message}` : '';
  return `Grafana answered ${status}${message.slice(0, 300)}`;
}
