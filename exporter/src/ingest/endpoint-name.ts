/** The name under which calls of an endpoint are counted: without query and fragment, and with `{id}` for ids. */
import { isIP } from 'node:net';
import { OTHER_ENDPOINT } from '../catalog/index.js';
import { type EndpointPatterns, NO_PATTERNS } from '../endpoint-pattern.js';

const MAX_NAME = 256;
/** Raised when names change, so that stored ones are folded again. */
export const NAME_RULES = 2;

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATES = /\p{Cs}/gu;
const ID = '{id}';

/** `GET /agents/17?x=1` → `GET /agents/{id}` */
export function normaliseEndpoint(endpoint: string, patterns: EndpointPatterns = NO_PATTERNS): string {
  const end = endpoint.search(/[?#]/);
  const bare = (end === -1 ? endpoint : endpoint.slice(0, end)).trim();
  const normal = bare.includes('/') ? normalisePath(bare, patterns) : bare;
  const name = normal.slice(0, MAX_NAME) || OTHER_ENDPOINT;
  // A lone surrogate becomes U+FFFD, as PostgreSQL stores it: otherwise the name read back would not match.
  return SURROGATE.test(name) ? name.replace(LONE_SURROGATES, '\ufffd') : name;
}

/** In one pass that copies nothing but what it replaces: every event that comes in has an endpoint. */
function normalisePath(endpoint: string, patterns: EndpointPatterns): string {
  const method = METHOD.test(endpoint) ? endpoint.slice(0, endpoint.indexOf('/')) : '';
  const own = patterns.nameOf(method, endpoint.slice(method.length));
  if (own !== undefined) return own;
  let name = '';
  let copied = 0;
  let isInArn = false;
  for (let start = method.length, end = 0; end < endpoint.length; start = end + 1) {
    end = endpoint.indexOf('/', start);
    if (end === -1) end = endpoint.length;
    if (isInArn) {
      name += endpoint.slice(copied, start - 1);
      copied = end;
    } else {
      const idEnd = patterns.isVariable(endpoint, start, end) ? end : idEndAt(endpoint, start, end);
      if (idEnd !== undefined) {
        name += endpoint.slice(copied, start) + ID;
        copied = idEnd;
      }
    }
    isInArn = endpoint.startsWith(ARN, start) && isArnType(endpoint.slice(start, end));
  }
  return name + endpoint.slice(copied);
}

/** What stands before the path. */
const METHOD = /^[^\s/]+ (?=\/)/;

const ARN = 'arn:';
/** Types whose name follows after a slash: `arn:aws:iam::123456789012:role/name`. */
const ARN_TYPE =
  /:(?:agent|alias|cluster|function|group|instance|key|policy|role|secret|service|table|task|user)$/i;

const isArnType = (segment: string): boolean => isArn(segment) && ARN_TYPE.test(segment);

const isArn = (text: string): boolean => text.startsWith(ARN) && text.split(':').length >= 6;

const DIGITS = /^\d+$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
/** Also a UUID without dashes, and most hashes. */
const HEX = /^[\da-f]{16,}$/i;
const HASH = /^(?:md5|sha\d{1,3})[:-][\da-f]{16,}$/i;
/** The first digits of a hash, or the id of a container, unlike words such as `face2face`. */
const SHORT_HEX = /^[\da-f]{7,15}$/i;
const SHORT_HEX_CHANGES = 3;
/** `0x52908400098527886e0f7030069857d2e4169ee7` */
const PREFIXED_HEX = /^0x[\da-f]{8,}$/i;
const BRACED_UUID = /^(?:urn:uuid:|\{)([\da-f-]{36})\}?$/i;
/** Decentralised identifiers, such as those of agents: `did:key:z6Mk…`. */
const DID = /^did:[a-z\d]+:.+$/;
/** Phone numbers, and others that are written in groups: `+15551234567`, `555-123-4567`. */
const GROUPED_NUMBER = /^(?=(?:\D{0,3}\d){7})[+(]?\d[\d().-]*\d$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
/** A signed token: its parts are base64url, the first one that of `{"`. */
const JWT = /^eyJ[\w-]{8,}\.[\w-]+\.[\w-]*$/;
const ULID = /^[0-7][\dA-HJKMNP-TV-Z]{25}$/i;
/** `sess_4f9a2b1c`, `sk_live_51HxT9qK` */
const PREFIXED = /^[a-z][a-z\d]{0,15}(?:_[a-z]{1,16}){0,2}_(?=[a-z]*\d)[a-z\d]{8,}$/i;
/** What may follow a prefix, such as `chatcmpl-` or `run_`. */
const AFTER_PREFIX = /^[a-z][a-z\d]{0,15}[-_:.](.{16,})$/i;
/** `auth0|5f7c8ec7c33c6c004bbafe82` */
const PROVIDED = /^[\w.-]+\|.+$/;
const EMAIL = /^[^\s@/]+@[^\s@/]+\.[^\s@/.]+$/;
const DATE =
  /^(?:\d{4}[-_.]\d{1,2}(?:[-_.]\d{1,2})?|\d{1,2}[-_.]\d{1,2}[-_.]\d{4}|\d{4}-W\d{2})(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?$/i;
/** Shortest of the ids that are not told by digits alone. */
const SHORTEST = 5;

/** What a segment needs to be looked at closely: one of these characters, a digit at its start, or this length. */
const TELLING = new Uint8Array(128);
for (const character of '%@:_|.0123456789') TELLING[character.charCodeAt(0)] = 1;
const LONG = 16;

/** What may follow an id: an extension, or a verb as in `17:cancel`. */
const SUFFIX = /[.:][a-z][a-z\d]{1,15}$/i;

/**
 * Where the id ends that the segment between two places of a path begins with; undefined if it names no one thing among
 * many. Most are seen not to without a copy.
 */
function idEndAt(path: string, start: number, end: number): number | undefined {
  const isShort = end - start < LONG;
  if (isShort && !isDigit(path.charCodeAt(start))) {
    if (end - start < SHORTEST) return undefined;
    let i = start;
    while (i < end && TELLING[path.charCodeAt(i)] !== 1) i += 1;
    if (i === end) return undefined;
  }
  const segment = path.slice(start, end);
  if (isId(segment)) return end;
  const suffix = SUFFIX.exec(segment);
  return suffix !== null && isId(segment.slice(0, suffix.index)) ? start + suffix.index : undefined;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

function isId(segment: string): boolean {
  if (DIGITS.test(segment)) return true;
  if (segment.length < SHORTEST || segment === ID) return false;
  const text = segment.includes('%') ? decoded(segment) : segment;
  if (DATE.test(text) || EMAIL.test(text) || PREFIXED.test(text)) return true;
  if (GROUPED_NUMBER.test(text) || IPV4.test(text) || PREFIXED_HEX.test(text)) return true;
  if (text.includes(':') && (DID.test(text) || isIP(text) === 6)) return true;
  if (SHORT_HEX.test(text)) return changesIn(text) >= SHORT_HEX_CHANGES;
  if (text.includes('|')) return PROVIDED.test(text);
  if (isArn(text)) return true;
  if (text.length < LONG) return false;
  if (isOpaque(text) || HASH.test(text) || JWT.test(text)) return true;
  const uuid = BRACED_UUID.exec(text)?.[1];
  if (uuid !== undefined) return UUID.test(uuid);
  const rest = AFTER_PREFIX.exec(text)?.[1];
  return rest !== undefined && isOpaque(rest);
}

/** Changes between letters and digits. */
const changesIn = (text: string): number => (text.match(/\d+|\D+/g) ?? []).length - 1;

const isOpaque = (text: string): boolean =>
  UUID.test(text) || HEX.test(text) || ULID.test(text) || isRandom(text);

const BASE64 = /^[\w-]{16,}={0,2}$/;
/** What words are made of: `getOAuth2Token` has `get`, `O`, `Auth`, `2` and `Token`. */
const PIECES = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;
/** A piece that can be spoken. */
const WORD = /^(?=.{3})(?=.*[aeiouy])(?!.*[^aeiouy]{4})[A-Z]?[a-z]+$/;
/**
 * Of 20,000 random texts of 21 characters of base64url, 2 in 100 have longer pieces or more of words than this, and names
 * such as `getOAuth2TokenForUser` have both.
 */
const RANDOM = { pieceLength: 3.2, inWords: 0.6 };
/** Letters and digits in one case: this many changes between them are no version or year. */
const CHANGES = 5;

/** Whether it looks like base64url, a nanoid or the like rather than words. */
function isRandom(text: string): boolean {
  if (!BASE64.test(text)) return false;
  const pieces = text.match(PIECES) ?? [];
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text);
  if (!isMixed) return !/[-_]/.test(text) && pieces.length >= CHANGES;
  const length = lengthOf(pieces);
  const inWords = lengthOf(pieces.filter((piece) => WORD.test(piece)));
  return length / pieces.length < RANDOM.pieceLength && inWords / length < RANDOM.inWords;
}

const lengthOf = (pieces: readonly string[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
