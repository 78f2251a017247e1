/** Sends an HTTP request to where a tenant wants it: guarded, within a time, and with an answer that is read only so far. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { OutboundGuard } from './guard.js';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 16 * 1024;

export interface OutboundRequest {
  url: URL;
  method: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Of the whole exchange. Default: 15 seconds. */
  timeoutMs?: number;
  /** The rest of the answer is not read. Default: 16 KiB. */
  maxAnswerBytes?: number;
}

export interface OutboundAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  /** The beginning of the body. */
  text: string;
}

/**
 * Redirects are not followed: the answer is the redirect.
 * @throws RefusedDestination, or the error of the connection
 */
export async function sendRequest(guard: OutboundGuard, request: OutboundRequest): Promise<OutboundAnswer> {
  const { url, method, body, timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = request;
  guard.checkAddress(url);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const timeout = AbortSignal.timeout(timeoutMs);
  const headers = {
    'user-agent': 'agentidp-analytics',
    ...request.headers,
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
  };
  try {
    return await new Promise<OutboundAnswer>((resolve, reject) => {
      // A connection of its own: one that is kept open would not be checked again.
      const sent = send(url, { method, headers, lookup: guard.lookup, agent: false, signal: timeout });
      sent.on('error', reject);
      sent.on('response', (response) => {
        void beginningOf(response, maxAnswerBytes).then((text) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.end(body);
    });
  } catch (error) {
    if (timeout.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error });
    throw error;
  }
}

async function beginningOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      // Leaving the loop destroys the response and its connection.
      if (bytes >= maxBytes) break;
    }
  } catch {
    // The status has said whether the request was accepted. Only the text of the answer is missing.
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}
