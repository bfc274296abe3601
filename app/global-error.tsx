"use client";
import "./globals.css";

/**
 * When even the frame of the pages threw: no provider of words or theme is left, so it stands in both languages.
 * Next.js needs `html` and `body` here.
 */
export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <html lang="en">
      <body>
        <title>Strata</title>
        <main className="mx-auto grid min-h-dvh max-w-lg content-center gap-3 p-6 text-sm">
          <h1 className="text-lg font-semibold">Strata could not show this page</h1>
          <p>
            Nothing was changed by this. Operations that run go on. Try again, or look at the server’s log.
          </p>
          <p lang="zh-CN">页面无法显示。未做任何更改，正在运行的操作会继续。请重试，或查看服务器日志。</p>
          {error.digest && <code className="text-muted">{error.digest}</code>}
          <button
            type="button"
            onClick={reset}
            className="w-fit rounded-md bg-accent px-3 py-1.5 font-semibold text-on-accent"
          >
            Try again <span lang="zh-CN">重试</span>
          </button>
        </main>
      </body>
    </html>
  );
}
