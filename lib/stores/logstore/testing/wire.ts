/** PostgreSQL's frontend/backend protocol 3, as far as a server of simple queries speaks it (protocol-message-formats). */

export const SSL_REQUEST = 80_877_103;
export const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);
const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

export function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

export const authOk = (): Buffer => message("R", int32(0));
export const authMd5 = (salt: Buffer): Buffer => message("R", int32(5), salt);
export const parameter = (name: string, value: string): Buffer => message("S", cstring(name), cstring(value));
export const backendKey = (id: number): Buffer => message("K", int32(id), int32(id));
/** Always idle: transactions are ignored. */
export const ready = (): Buffer => message("Z", Buffer.from("I"));
export const complete = (tag: string): Buffer => message("C", cstring(tag));

export const failure = (severity: "ERROR" | "FATAL", code: string, text: string): Buffer =>
  message(
    "E",
    Buffer.concat([
      cstring(`S${severity}`),
      cstring(`V${severity}`),
      cstring(`C${code}`),
      cstring(`M${text}`),
    ]),
    Buffer.from([0]),
  );

export const description = (fields: readonly { name: string; dataTypeID: number }[]): Buffer =>
  message(
    "T",
    int16(fields.length),
    ...fields.map(({ name, dataTypeID }) =>
      Buffer.concat([cstring(name), int32(0), int16(0), int32(dataTypeID), int16(-1), int32(-1), int16(0)]),
    ),
  );

export const dataRow = (values: readonly (string | null)[]): Buffer =>
  message(
    "D",
    int16(values.length),
    ...values.map((value) => {
      if (value === null) return int32(-1);
      const bytes = Buffer.from(value);
      return Buffer.concat([int32(bytes.length), bytes]);
    }),
  );

/** Cuts a stream into messages: the first has no type. */
export class Reader {
  private held: Buffer = Buffer.alloc(0);
  private started = false;

  /** After TLS was agreed on, the start-up comes anew. */
  restart(): void {
    this.held = Buffer.alloc(0);
    this.started = false;
  }

  *take(chunk: Buffer): Generator<{ type: string; body: Buffer }> {
    this.held = Buffer.concat([this.held, chunk]);
    for (;;) {
      const head = this.started ? 1 : 0;
      if (this.held.length < head + 4) return;
      const length = this.held.readInt32BE(head);
      if (this.held.length < head + length) return;
      const type = head === 1 ? String.fromCharCode(this.held[0] ?? 0) : "";
      const body = this.held.subarray(head + 4, head + length);
      this.held = this.held.subarray(head + length);
      if (type === "" && body.length >= 4 && body.readInt32BE(0) === 196_608) this.started = true;
      yield { type, body };
    }
  }
}
