/** The fields of a line of an access log, in the combined or common log format. A line is understood whole or not at all. */
import { isIP } from 'node:net';
import { withoutPrefix } from './access-log-prefix.js';

/** The line does not have the expected format. */
export class BrokenLine extends Error {}

/** As they stand in the log, with escapes. */
export interface AccessLogLine {
  /** Of the client: the first one of a list of X-Forwarded-For. */
  address: string;
  /** `-` without one. */
  user: string;
  time: string;
  request: string;
  status: string;
}

const FORMAT = 'address, identity, user, [time], "request", status, bytes';
/** The length of the time is bounded, so that matching a long line takes linear time. */
const TIME = / \[([^[\]]{0,64})\] {1,8}(?=")/;
/** Between the status and the end of the request: `" 200 512`. Some servers omit the size. */
const STATUS = String.raw`(\d{1,3}|-)(?: (?:\d+|-)(?= |$)|(?= ")|$)`;
const REQUEST = new RegExp(String.raw`^"((?:[^"\\]|\\.)*)" ${STATUS}`);
/** Servers that do not escape quotes leave them in the request. */
const UNESCAPED_REQUEST = new RegExp(String.raw`^"(.*?)" ${STATUS}`);

/** @throws BrokenLine */
export function readAccessLogLine(line: string): AccessLogLine {
  const text = withoutPrefix(line);
  const time = TIME.exec(text);
  if (time === null) throw notCombined(text);
  const rest = text.slice(time.index + time[0].length);
  const request = REQUEST.exec(rest) ?? UNESCAPED_REQUEST.exec(rest);
  if (request === null) {
    throw new BrokenLine('after the time, there must be the "request" in quotes, the status and the bytes');
  }
  return {
    ...clientOf(text.slice(0, time.index)),
    time: time[1]!,
    request: request[1]!,
    status: request[2]!,
  };
}

function notCombined(text: string): BrokenLine {
  const what = text.startsWith('{') ? 'JSON, which is ' : text.startsWith('#') ? 'a comment, which is ' : '';
  return new BrokenLine(`${what}not in the combined log format: ${FORMAT}`);
}

/** Before the time: `[virtual host] address[, address…] identity user`. */
function clientOf(head: string): { address: string; user: string } {
  const words = head.split(' ');
  const hasHost = !isAddress(words[0]!) && VIRTUAL_HOST.test(words[0]!) && startsList(words, 1);
  const { addresses, next } = readAddresses(words, hasHost ? 1 : 0);
  const named = addresses.length === 0;
  // Apache can log the name of the client's host. Its identity is then `-`, otherwise anything could pass as one.
  if (named && !(HOST.test(words[0]!) && words[1] === '-')) {
    throw new BrokenLine(
      `begins with "${head.slice(0, 60)}", which is not address, identity, user; expected ${FORMAT}`,
    );
  }
  const [identity, ...user] = words.slice(named ? 1 : next);
  if (identity === undefined || identity === '' || user.length === 0 || user[0] === '') {
    throw new BrokenLine(`has no identity and user after the address; expected ${FORMAT}`);
  }
  // A user's name can have spaces, but no fields of a format with further fields.
  if (user.some((word) => isAddress(word) || (word === '-' && user.length > 1))) {
    throw new BrokenLine(
      `has "${user.join(' ').slice(0, 60)}" where the user is expected; expected ${FORMAT}`,
    );
  }
  return { address: named ? words[0]! : (addresses.find((one) => one !== '-') ?? '-'), user: user.join(' ') };
}

const VIRTUAL_HOST = /^[\w.:*,"[\]-]{1,255}$/;
const HOST = /^(?:[\w.-]+(?::\d{1,5})?|unix:)$/;
const UNKNOWN = /^(?:-|unknown),?$/;

/** Whether the list of addresses begins at this word: with an address, or with an unknown one before others. */
function startsList(words: readonly string[], at: number): boolean {
  const word = words[at];
  if (word === undefined) return false;
  return isAddress(word) || (UNKNOWN.test(word) && isAddress(words[at + 1] ?? ''));
}

/** Reads addresses separated by commas, spaces or both, as `$http_x_forwarded_for $remote_addr` gives them. */
function readAddresses(words: readonly string[], from: number): { addresses: string[]; next: number } {
  const addresses: string[] = [];
  let next = from;
  for (; next < words.length; next += 1) {
    const word = words[next]!;
    const isListed =
      isAddress(word) || ((word.endsWith(',') || addresses.length === 0) && startsList(words, next));
    if (!isListed) break;
    addresses.push(
      ...word
        .split(',')
        .filter((part) => part !== '')
        .map((part) => (isAddress(part) ? bare(part) : '-')),
    );
  }
  return { addresses, next };
}

/** One address, or several with commas and without spaces. */
function isAddress(word: string): boolean {
  const parts = word.split(',').filter((part) => part !== '');
  return (
    parts.some((part) => isIP(bare(part)) !== 0) &&
    parts.every((part) => UNKNOWN.test(part) || isIP(bare(part)) !== 0)
  );
}

/** Without brackets, zone and port. */
function bare(address: string): string {
  const bracketed = /^\[([^\]]{1,64})\](?::\d{1,5})?$/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(address)?.[1] ?? address;
}
