/**
 * A small deterministic generator (sfc32): the same seed gives the same demo on every machine, which
 * Math.random and crypto cannot promise. Not for secrets.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 1;

  constructor(...seed: number[]) {
    this.reseed(...seed);
  }

  /**
   * The stream of what belongs to a row with a UUID. 60 bits of it are used: with a 32-bit seed two of some
   * ten thousand runs would now and then have children of the same id.
   */
  static forId(id: string, use: number): Random {
    return new Random(
      Number.parseInt(id.slice(0, 8), 16),
      Number.parseInt(id.slice(9, 13) + id.slice(14, 18), 16),
      use,
    );
  }

  /** Starts over from `seed`, so that one object can serve many rows, each with its own stream. */
  reseed(...seed: number[]): this {
    this.a = 0x9e3779b9 ^ (seed[0] ?? 0);
    this.b = 0x243f6a88 ^ (seed[1] ?? 0);
    this.c = 0xb7e15162 ^ (seed[2] ?? 0);
    this.d = 1;
    for (let round = 0; round < 12; round++) this.next();
    return this;
  }

  /** 32 random bits as an unsigned integer. */
  next(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    this.c |= 0;
    return t >>> 0;
  }

  /** In [0, 1). */
  float(): number {
    return this.next() / 4294967296;
  }

  /** An integer in [from, until). */
  between(from: number, until: number): number {
    return from + Math.floor(this.float() * (until - from));
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[Math.floor(this.float() * items.length)];
    if (item === undefined) throw new Error("Nothing to pick from.");
    return item;
  }

  /** Log-normal: `median` in the middle, a long tail above (spread 1 puts 5 % above five times the median). */
  lognormal(median: number, spread: number): number {
    const u = 1 - this.float();
    const gauss = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.float());
    return median * Math.exp(spread * gauss);
  }

  /** An index in [0, n), small ones far more often: a few users write most rows, as in life. */
  zipf(n: number): number {
    return Math.min(n - 1, Math.floor(n ** this.float()) - 1);
  }

  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += this.next().toString(16).padStart(8, "0");
    return text.slice(0, digits);
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = this.hex(32);
    const variant = "89ab"[this.next() & 3];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
