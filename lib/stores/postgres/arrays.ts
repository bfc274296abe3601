/**
 * PostgreSQL's binary form of one-dimensional arrays. Sent as parameters they carry any bytes unescaped, need
 * no temporary table and no right to make one. (src/backend/utils/adt/arrayfuncs.c, array_send)
 */
export const OID = { bytea: 17, int4: 23, text: 25, xid: 28, uuid: 2950 } as const;

type Element = Uint8Array | null;

function encode(oid: number, values: readonly Element[]): Buffer {
  const empty = values.length === 0;
  let size = empty ? 12 : 20;
  let hasNull = 0;
  for (const value of values) {
    size += 4 + (value?.length ?? 0);
    if (value === null) hasNull = 1;
  }
  const out = Buffer.allocUnsafe(size);
  out.writeInt32BE(empty ? 0 : 1, 0);
  out.writeInt32BE(hasNull, 4);
  out.writeInt32BE(oid, 8);
  if (empty) return out;
  out.writeInt32BE(values.length, 12);
  out.writeInt32BE(1, 16);
  let at = 20;
  for (const value of values) {
    at = out.writeInt32BE(value === null ? -1 : value.length, at);
    if (value !== null) {
      out.set(value, at);
      at += value.length;
    }
  }
  return out;
}

export const textArray = (values: readonly (string | Uint8Array | null)[]): Buffer =>
  encode(
    OID.text,
    values.map((value) => (typeof value === "string" ? Buffer.from(value, "utf8") : value)),
  );

export const byteaArray = (values: readonly Element[]): Buffer => encode(OID.bytea, values);

/** 16-byte digests travel as uuid: half the size of their hex form, and comparable. */
export const uuidArray = (values: readonly Element[]): Buffer => encode(OID.uuid, values);

export const xidArray = (values: readonly (number | null)[]): Buffer =>
  encode(
    OID.xid,
    values.map((value) => {
      if (value === null) return null;
      const bytes = Buffer.allocUnsafe(4);
      bytes.writeUInt32BE(value);
      return bytes;
    }),
  );

export function int4Array(values: readonly number[]): Buffer {
  return encode(
    OID.int4,
    values.map((value) => {
      const bytes = Buffer.allocUnsafe(4);
      bytes.writeInt32BE(value);
      return bytes;
    }),
  );
}
