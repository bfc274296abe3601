/** The name itself, or with the store's name before it where another dataset has it. */
export const freeName = (name: string, storeName: string, taken: ReadonlySet<string>): string =>
  taken.has(name) ? `${storeName}.${name}` : name;
