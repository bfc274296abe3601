/** As the schemas of accounts ask for. */
export const LEAST_PASSWORD = 10;
