/** Several producers, one reader, in order of arrival. Unbounded: producers here are bounded by the page. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | null = null;
  #closed = false;
  #error: { cause: unknown } | null = null;

  push(item: T): void {
    this.#items.push(item);
    this.#notify();
  }

  /** Ends the reading once everything was read; with an error it throws that then. */
  close(error?: { cause: unknown }): void {
    this.#closed = true;
    this.#error = error ?? null;
    this.#notify();
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = null;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) yield item;
      if (this.#closed) {
        if (this.#error) throw this.#error.cause;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Runs `work` over the items, at most `lanes` at once. The first failure is thrown when all lanes have ended. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}
