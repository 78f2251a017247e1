/** Converts a line of an access log, in the combined or common log format, to an event in its wire format. */
import { formatTime } from '../time.js';
import { MAX_ENDPOINT_LENGTH } from '../facts/event/columns.js';
import { BrokenLine, readAccessLogLine } from './access-log-line.js';

/** Which field becomes the agent: the authenticated user or the client's address. */
export const AGENT_SOURCES = ['user', 'address'] as const;
export type AgentSource = (typeof AGENT_SOURCES)[number];

export interface AccessLogEvent {
  occurredAt: string;
  metricType: 'api_calls';
  agentId?: string;
  agentName?: string;
  /** `GET /path` without the query string; missing if the log has no request. */
  endpoint?: string;
  status?: number;
}

const TIME =
  /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))? ([+-])(\d{2})(\d{2})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Method, target and, except in HTTP/0.9, protocol. */
const REQUEST = /^([!#$%&'*+.^_`|~\w-]{1,32}) (\S.*?)(?: HTTP\/\d(?:\.\d)?)?$/;

/** @throws BrokenLine */
export function parseAccessLogLine(line: string, agentFrom: AgentSource = 'user'): AccessLogEvent {
  const { address, user, time, request, status } = readAccessLogLine(line);
  const event: AccessLogEvent = { occurredAt: formatTime(parseLogTime(time)), metricType: 'api_calls' };
  Object.assign(event, agentOf(agentFrom === 'user' ? unescape(user) : address));
  const endpoint = endpointOf(unescape(request));
  if (endpoint !== undefined) event.endpoint = endpoint;
  // Servers write 000, 0 or - if the client disconnected before the response.
  const code = Number(status);
  if (code >= 100 && code <= 599) event.status = code;
  return event;
}

/** Parses `17/May/2015:10:05:03 +0200`, with or without a fraction, to milliseconds. */
function parseLogTime(text: string): number {
  const match = TIME.exec(text);
  const month = match === null ? -1 : MONTHS.indexOf(match[2]!);
  if (match === null || month < 0)
    throw new BrokenLine(`the time "${text}" is not like 17/May/2015:10:05:03 +0000`);
  const [day, year, hour, minute, second] = [match[1], match[3], match[4], match[5], match[6]].map(
    Number,
  ) as [number, number, number, number, number];
  const fraction = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const local = Date.UTC(year, month, day, hour, minute, second, fraction);
  // Date.UTC turns 31 June into 1 July, so the day is compared. A leap second becomes the start of the next minute.
  if (new Date(Date.UTC(year, month, day)).getUTCDate() !== day || hour > 23 || minute > 59 || second > 60) {
    throw new BrokenLine(`the time "${text}" does not exist`);
  }
  const offset = (Number(match[9]) * 60 + Number(match[10])) * 60_000;
  return match[8] === '+' ? local - offset : local + offset;
}

/** `-` means no agent. Ids cannot contain white space, so a name with spaces is kept as the agent's name. */
function agentOf(user: string): Pick<AccessLogEvent, 'agentId' | 'agentName'> {
  const name = /^"(.*)"$/s.exec(user)?.[1] ?? user;
  if (name === '-' || name === '') return {};
  return /\s/.test(name) ? { agentId: name.replaceAll(/\s+/g, '_'), agentName: name } : { agentId: name };
}

/** `GET /path`; undefined for `-` and for anything that is not an HTTP request, such as TLS on a plain port. */
function endpointOf(request: string): string | undefined {
  const match = REQUEST.exec(request);
  if (match === null || ESCAPED_CONTROL.test(match[2]!)) return undefined;
  const target = match[2]!
    .replace(/^https?:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '')
    .replaceAll(CONTROL, '')
    .trim();
  return `${match[1]} ${target === '' ? '/' : target}`.slice(0, MAX_ENDPOINT_LENGTH);
}

/** Characters that no target has. Servers write them escaped; a raw one was not noticed by the server. */
const ESCAPED_CONTROL = /\\x(?:[01][\dA-F]|7F)/i;
const CONTROL = /\p{Cc}/gu;

/** `\"` and `\\` as servers write them, and characters beyond ASCII; `\x16` and the like stay as they are. */
const unescape = (text: string): string =>
  text.replaceAll(/(?:\\x[89a-f][\da-f]){2,}/gi, decoded).replaceAll(/\\(["\\])/g, '$1');

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `\xd0\xb0` is the letter `а`; anything that is not UTF-8 stays as it is. */
function decoded(escapes: string): string {
  try {
    return utf8.decode(Buffer.from(escapes.replaceAll(/\\x/gi, ''), 'hex'));
  } catch {
    return escapes;
  }
}
