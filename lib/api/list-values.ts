/** Values of a query-string name that may stand there any number of times. */
export const listValues = (value: string | string[] | undefined): string[] | undefined =>
  value === undefined || value === "" ? undefined : Array.isArray(value) ? value : [value];
