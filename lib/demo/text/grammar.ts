import type { Random } from "@/lib/demo/random";

/** Name → alternatives. An alternative may refer to others as `{name}`, and to the built-in slots below. */
export type Bank = Readonly<Record<string, readonly string[]>>;

type Part = string | ((random: Random) => string);

/** Slots that give figures: what keeps generated text from compressing far better than real text. */
const SLOTS: Readonly<Record<string, (random: Random) => string>> = {
  n: (random) => String(random.between(2, 60)),
  nn: (random) => String(random.between(100, 9800)),
  pct: (random) => `${(random.float() * 60 + 1).toFixed(1)}%`,
  money: (random) => `$${random.lognormal(90, 1).toFixed(2)}`,
  yuan: (random) => `${random.lognormal(320, 1).toFixed(2)}元`,
  date: (random) => `20${random.between(24, 27)}-${pad(random.between(1, 13))}-${pad(random.between(1, 29))}`,
  zhdate: (random) => `${random.between(1, 13)}月${random.between(1, 29)}日`,
  time: (random) => `${pad(random.between(6, 23))}:${pad(random.between(0, 60))}`,
  order: (random) => `${random.pick(["SO", "PO", "RMA", "INV", "TK"])}-${random.between(100000, 999999)}`,
  sku: (random) => `${random.hex(4).toUpperCase()}-${random.between(10, 99)}`,
  hash: (random) => random.hex(7),
  ms: (random) => `${random.between(3, 4200)} ms`,
};

const pad = (value: number): string => String(value).padStart(2, "0");

/** Compiled alternatives by name: expanding is then a walk over arrays, without looking at the text again. */
export class Grammar {
  private readonly rules = new Map<string, Part[][]>();

  constructor(bank: Bank) {
    for (const name of Object.keys(bank)) this.rules.set(name, []);
    for (const [name, alternatives] of Object.entries(bank))
      this.rules.get(name)?.push(...alternatives.map((text) => this.compile(text)));
  }

  has(name: string): boolean {
    return this.rules.has(name);
  }

  /** One expansion of the rule `name`. */
  say(name: string, random: Random): string {
    return this.expand(this.rule(name), random);
  }

  private rule(name: string): Part[][] {
    const rule = this.rules.get(name);
    if (!rule) throw new Error(`The phrase bank has no “${name}”.`);
    return rule;
  }

  private expand(rule: Part[][], random: Random): string {
    let text = "";
    for (const part of random.pick(rule)) text += typeof part === "string" ? part : part(random);
    return text;
  }

  private compile(text: string): Part[] {
    return text
      .split(/(\{[a-z]+\})/)
      .filter((piece) => piece !== "")
      .map((piece) => (piece.startsWith("{") && piece.endsWith("}") ? this.slot(piece.slice(1, -1)) : piece));
  }

  private slot(name: string): Part {
    if (this.rules.has(name)) {
      const rule = this.rule(name);
      return (random) => this.expand(rule, random);
    }
    const slot = SLOTS[name];
    if (!slot) throw new Error(`The phrase bank refers to “${name}”, which it does not have.`);
    return slot;
  }
}
