/** Bounds the structure of a request before it is decoded: a few bytes can hold many spans, which take memory each. */
import protobuf from 'protobufjs';
import { type JsonLimits, scanJson } from '../../json.js';
import { Request } from './protobuf.js';
import type { Encoding } from './sent.js';

/** A body of 16 MiB has fewer spans that say anything. */
const MAX_SPANS = 100_000;
/** Resources, scopes, spans, events, attributes and values. */
const MAX_MESSAGES = 1_000_000;
/** Including the fields that are skipped. */
const MAX_FIELDS = 4_000_000;
/** Values within values, in protobuf, whose decoder calls itself. */
const MAX_DEPTH = 64;
/** JSON is parsed at any depth, and values that are too deep are left out. */
const MAX_JSON_DEPTH = 10_000;

const JSON_LIMITS: JsonLimits = { depth: MAX_JSON_DEPTH, containers: MAX_MESSAGES, values: MAX_FIELDS };

/** The body has too many parts, or parts too deep within others. */
export class TooLarge extends Error {}

/** @throws TooLarge. A body that is invalid in another way is left to the decoder. */
export function checkStructure(body: Uint8Array, encoding: Encoding): void {
  if (encoding === 'protobuf') return new WireScan(body).check();
  const { problem } = scanJson(body, JSON_LIMITS);
  if (problem !== undefined) throw new TooLarge(problem.message);
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** Walks through the wire format of protobuf without making objects. */
class WireScan {
  private position = 0;
  private spans = 0;
  private messages = 0;
  private fields = 0;

  constructor(private readonly body: Uint8Array) {}

  check(): void {
    this.message(Request, this.body.length, 0);
  }

  /** @returns whether the message is valid so far */
  private message(type: protobuf.Type, end: number, depth: number): boolean {
    if (depth > MAX_DEPTH) throw new TooLarge(`it is nested more deeply than ${MAX_DEPTH} levels`);
    while (this.position < end) {
      this.count();
      const tag = this.varint(end);
      if (tag === undefined) return false;
      const wireType = tag & 7;
      if (wireType === VARINT) {
        if (this.varint(end) === undefined) return false;
      } else if (wireType === FIXED64) this.position += 8;
      else if (wireType === FIXED32) this.position += 4;
      else if (wireType !== DELIMITED || !this.delimited(type, tag >>> 3, end, depth)) return false;
    }
    return this.position === end;
  }

  private delimited(type: protobuf.Type, field: number, end: number, depth: number): boolean {
    const length = this.varint(end);
    if (length === undefined || this.position + length > end) return false;
    const within = typeOf(type, field);
    if (within === undefined) {
      this.position += length;
      return true;
    }
    this.messages += 1;
    if (this.messages > MAX_MESSAGES) {
      throw new TooLarge(`it has more than ${MAX_MESSAGES} spans, attributes and values together`);
    }
    if (within.name === 'Span' && (this.spans += 1) > MAX_SPANS) {
      throw new TooLarge(`it has more than ${MAX_SPANS} spans`);
    }
    return this.message(within, this.position + length, depth + 1);
  }

  private count(): void {
    this.fields += 1;
    if (this.fields > MAX_FIELDS) throw new TooLarge(`it has more than ${MAX_FIELDS} fields`);
  }

  /** Undefined if it does not end. Only the low 32 bits matter, since no length or tag is larger. */
  private varint(end: number): number | undefined {
    let value = 0;
    for (let shift = 0; this.position < end && shift < 70; shift += 7) {
      const byte = this.body[this.position]!;
      this.position += 1;
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    return undefined;
  }
}

const types = new Map<protobuf.Type, Map<number, protobuf.Type>>();

/** The message that a field holds, by the declaration that the decoder follows. */
function typeOf(type: protobuf.Type, id: number): protobuf.Type | undefined {
  let fields = types.get(type);
  if (fields === undefined) {
    fields = new Map();
    for (const field of type.fieldsArray) {
      const { resolvedType } = field.resolve();
      if (resolvedType instanceof protobuf.Type) fields.set(field.id, resolvedType);
    }
    types.set(type, fields);
  }
  return fields.get(id);
}
