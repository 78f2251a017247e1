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
const NO_ELEMENTS_BYTES = 12;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const MAX_BYTES_A_CHARACTER = 3;
/** Up to this length a loop over the characters beats a call of the runtime. */
const SHORT = 64;
/** PostgreSQL counts its microseconds from 2000-01-01. */
const EPOCH = Date.UTC(2000, 0, 1);
const MICROSECONDS = 1000;
const HALF = 2 ** 32;

/** A DataView writes in a fraction of the time that the methods of a Buffer take. */
const viewOf = (buffer: Buffer): DataView =>
  new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

/** One dimension from index 1 on, or none for an empty array. */
function withHeader(view: DataView, oid: number, length: number, end: number): Buffer {
  view.setInt32(0, length === 0 ? 0 : 1);
  // Whether there are nulls; the server looks at the elements itself.
  view.setInt32(4, 1);
  view.setInt32(8, oid);
  if (length > 0) {
    view.setInt32(12, length);
    view.setInt32(16, 1);
  }
  return Buffer.from(view.buffer, view.byteOffset, length === 0 ? NO_ELEMENTS_BYTES : end);
}

/** An array whose elements have `size` bytes each. */
function fixedArray<T>(
  oid: number,
  size: number,
  values: readonly (T | null)[],
  write: (view: DataView, value: T, at: number) => void,
): Buffer {
  const view = viewOf(Buffer.allocUnsafe(HEADER_BYTES + values.length * (LENGTH_BYTES + size)));
  let at = HEADER_BYTES;
  // By index: an iterator would make an object of every number.
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as T | null;
    view.setInt32(at, value === null ? NULL_LENGTH : size);
    at += LENGTH_BYTES;
    if (value === null) continue;
    write(view, value, at);
    at += size;
  }
  return withHeader(view, oid, values.length, at);
}

/** A DataView would silently store the low bits of a number that does not fit. */
function whole(value: number, fits: boolean): number {
  if (!fits) throw new RangeError(`${value} is no whole number of this column's range`);
  return value;
}

/** Writes `value` × `times`, where `times` is small: in two halves, which are exact and need no BigInt. */
function setInt64(view: DataView, value: number, at: number, times = 1): void {
  const low = (whole(value, Number.isSafeInteger(value)) >>> 0) * times;
  view.setInt32(at, Math.floor(value / HALF) * times + Math.floor(low / HALF));
  view.setUint32(at + 4, low);
}

export const smallintArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.int2, 2, values, (view, value, at) =>
    view.setInt16(at, whole(value, (value << 16) >> 16 === value)),
  );

export const integerArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.int4, 4, values, (view, value, at) =>
    view.setInt32(at, whole(value, (value | 0) === value)),
  );

export const bigintArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.int8, 8, values, (view, value, at) => setInt64(view, value, at));

export const booleanArray = (values: readonly (boolean | null)[]): Buffer =>
  fixedArray(OID.bool, 1, values, (view, value, at) => view.setUint8(at, value ? 1 : 0));

export const doubleArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.float8, 8, values, (view, value, at) => view.setFloat64(at, value));

/** From milliseconds since the Unix epoch. */
export const timestampArray = (values: readonly (number | null)[]): Buffer =>
  fixedArray(OID.timestamptz, 8, values, (view, value, at) =>
    setInt64(view, value - EPOCH, at, MICROSECONDS),
  );

/** From UUIDs in their plain form, with hyphens. */
export const uuidArray = (values: readonly (string | null)[]): Buffer =>
  fixedArray(OID.uuid, 16, values, (view, value, at) => {
    for (let i = 0; i < 36; i += 2) {
      if (value.charCodeAt(i) === HYPHEN) i += 1;
      view.setUint8(at++, (hexDigit(value.charCodeAt(i)) << 4) | hexDigit(value.charCodeAt(i + 1)));
    }
  });

const HYPHEN = 45;
/** '0' to '9' by their low bits; 'A' to 'F' and 'a' to 'f' have bit 6 set and begin at 1. */
const hexDigit = (code: number): number => (code & 15) + (code >> 6) * 9;

export function textArray(values: readonly (string | null)[]): Buffer {
  let size = HEADER_BYTES;
  for (const value of values) size += LENGTH_BYTES + MAX_BYTES_A_CHARACTER * (value?.length ?? 0);
  const buffer = Buffer.allocUnsafe(size);
  const view = viewOf(buffer);
  let at = HEADER_BYTES;
  for (const value of values) {
    const written = value === null ? NULL_LENGTH : writeText(buffer, value, at + LENGTH_BYTES);
    view.setInt32(at, written);
    at += LENGTH_BYTES + Math.max(0, written);
  }
  return withHeader(view, OID.text, values.length, at);
}

/** Writes UTF-8 and returns the number of bytes. */
function writeText(buffer: Buffer, text: string, at: number): number {
  if (text.length > SHORT) return buffer.write(text, at);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 127) return buffer.write(text, at);
    buffer[at + i] = code;
  }
  return text.length;
}
