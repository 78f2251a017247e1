/** A file of the demo's data, to be downloaded without a token. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DemoApi } from './api.js';

interface Job {
  id: string;
  status: string;
  download_url: string | null;
  error: string | null;
}

const POLL_MS = 500;
const WAIT_MS = 60_000;

/** @returns the link @throws if it is not made in time */
export async function makeExport(api: DemoApi, signal: AbortSignal): Promise<string> {
  const deadline = Date.now() + WAIT_MS;
  const { id } = await api.ask<Job>('/export', { datasets: ['executions'], period: '7d', format: 'csv' });
  for (;;) {
    const { status, download_url, error } = await api.ask<Job>(`/export/${id}`);
    if (download_url !== null) return download_url;
    if (status === 'failed') throw new Error(error ?? 'the export failed');
    if (Date.now() > deadline) throw new Error(`the export is not done after ${WAIT_MS / 1000} s`);
    await delay(POLL_MS, undefined, { signal });
  }
}
