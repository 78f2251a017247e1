/**
 * Arrays in PostgreSQL's binary form, as statement parameters: nothing to escape here and less to parse there than in
 * their text, which is most of what a statement over thousands of rows costs beside the insert itself.
 */

/** Type numbers of PostgreSQL's catalogue. */
const OID = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  float8: 701,
  timestamptz: 1184,
  uuid: 2950,
} as const;

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const MAX_BYTES_A_CHARACTER = 3;
/** Up to this length a loop over the characters beats a call of the runtime. */
const SHORT = 64;
/** PostgreSQL counts its microseconds from 2000-01-01. */
const EPOCH = Date.UTC(2000, 0, 1);
const MICROSECONDS = 1000n;

/** One dimension from index 1 on, or none for an empty array. */
function withHeader(buffer: Buffer, oid: number, length: number): Buffer {
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0);
  // Whether there are nulls; the server looks at the elements itself.
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(oid, 8);
  if (length === 0) return buffer.subarray(0, 12);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}

/** Elements of `size` bytes each. */
function fixedArray<T>(
  oid: number,
  size: number,
  values: readonly (T | null)[],
  write: (buffer: Buffer, value: T, at: number) => void,
): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * (LENGTH_BYTES + size));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? NULL_LENGTH : size, at);
    if (value === null) continue;
    write(buffer, value, at);
    at += size;
  }
  return withHeader(buffer.subarray(0, at), oid, values.length);
}

export const smallintArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.int2, 2, values, (buffer, value, at) => buffer.writeInt16BE(value, at));

export const integerArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.int4, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at));

export const bigintArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.int8, 8, values, (buffer, value, at) => buffer.writeBigInt64BE(BigInt(value), at));

export const booleanArray = (values: readonly (boolean | null)[]): Buffer =>
  fixedArray(OID.bool, 1, values, (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at));

export const doubleArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.float8, 8, values, (buffer, value, at) => buffer.writeDoubleBE(value, at));

/** Of milliseconds since the Unix epoch. */
export const timestampArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.timestamptz, 8, values, (buffer, value, at) =>
    buffer.writeBigInt64BE(BigInt(value - EPOCH) * MICROSECONDS, at),
  );

/** Of UUIDs in their plain form, with hyphens. */
export const uuidArray = (values: readonly (string | null)[]): Buffer =>
  fixedArray(OID.uuid, 16, values, (buffer, value, at) => {
    for (let i = 0; i < 36; i += 2) {
      if (value.charCodeAt(i) === HYPHEN) i += 1;
      buffer[at++] = (hexDigit(value.charCodeAt(i)) << 4) | hexDigit(value.charCodeAt(i + 1));
    }
  });

const HYPHEN = 45;
/** '0' to '9' by their low bits; 'A' to 'F' and 'a' to 'f' have bit 6 set and begin at 1. */
const hexDigit = (code: number): number => (code & 15) + (code >> 6) * 9;

export function textArray(values: readonly (string | null)[]): Buffer {
  let size = HEADER_BYTES;
  for (const value of values) size += LENGTH_BYTES + MAX_BYTES_A_CHARACTER * (value?.length ?? 0);
  const buffer = Buffer.allocUnsafe(size);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    const written = writeText(buffer, value, at + LENGTH_BYTES);
    buffer.writeInt32BE(written, at);
    at += LENGTH_BYTES + written;
  }
  return withHeader(buffer.subarray(0, at), OID.text, values.length);
}

/** UTF-8; returns the number of bytes. */
function writeText(buffer: Buffer, text: string, at: number): number {
  if (text.length > SHORT) return buffer.write(text, at);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 127) return buffer.write(text, at);
    buffer[at + i] = code;
  }
  return text.length;
}
