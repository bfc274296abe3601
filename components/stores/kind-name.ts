/** `Elasticsearch 8.16.3` rather than the label of all that the kind drives, where the version names the product. */
export function kindName(store: { kind: string; kindLabel: string; version: string | null }): string {
  const { kind, kindLabel, version } = store;
  if (!version || version === kind) return kindLabel;
  const products = kindLabel.split(/[/,]/).map((part) => part.trim());
  return products.some((product) => version.startsWith(`${product} `)) ? version : `${kindLabel} ${version}`;
}
