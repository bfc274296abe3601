import type { Connection, Submittable } from "pg";

/** Memory is asked for in pieces of this size; the bytes of a message lie in one piece. */
const PIECE_BYTES = 1 << 20;

/** What of a connection's socket holds the server back. */
interface Socket {
  pause(): void;
  resume(): void;
}

/**
 * A COPY … TO STDOUT as a query of node-pg: hands each message's bytes to `onBytes`, in memory that stays valid. The
 * driver's own buffer is reused for the next message, so the bytes are copied, once; a stream in between would copy
 * them twice more, and so many short-lived buffers would keep the garbage collector at work.
 */
export class CopyStream implements Submittable {
  private socket: Socket | null = null;
  private piece = Buffer.alloc(0);
  private used = 0;
  private failure: unknown = null;
  private ended = false;
  private wake: (() => void) | null = null;

  constructor(
    private readonly text: string,
    private readonly onBytes: (bytes: Buffer) => void,
    /** Whether enough has come for now: the server is held back until `more` is called. */
    private readonly isFull: () => boolean,
  ) {}

  /** Resolves when there is something new to take; false at the end. Throws what the server or `onBytes` threw. */
  async more(): Promise<boolean> {
    if (!this.ended && this.failure === null && !this.isFull()) {
      this.socket?.resume();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.failure !== null) throw this.failure;
    return !this.ended;
  }

  submit(connection: Connection): void {
    this.socket = connection.stream;
    connection.query(this.text);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (this.failure !== null) return;
    try {
      this.onBytes(this.kept(chunk));
      if (this.isFull()) this.hold();
    } catch (error) {
      this.fail(error);
    }
  }

  handleError(error: unknown): void {
    this.fail(error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.ended = true;
    this.socket?.resume(); // the connection goes on to other queries
    this.notify();
  }

  private kept(chunk: Buffer): Buffer {
    const { length } = chunk;
    if (length > PIECE_BYTES >> 2) return Buffer.from(chunk);
    if (this.used + length > this.piece.length) {
      this.piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      this.used = 0;
    }
    const bytes = this.piece.subarray(this.used, this.used + length);
    bytes.set(chunk);
    this.used += length;
    return bytes;
  }

  private hold(): void {
    this.socket?.pause();
    this.notify();
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.socket?.resume();
    this.notify();
  }

  private notify(): void {
    this.wake?.();
    this.wake = null;
  }
}
