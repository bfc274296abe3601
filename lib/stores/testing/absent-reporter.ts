import type { Reporter, TestModule } from "vitest/node";

/** Says at the end of a run, once each, which servers were not here and so were not tested. */
export default class AbsentServersReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const absent = new Set<string>();
    for (const { children } of modules)
      for (const { name } of children.allTests("skipped"))
        if (/^\S+ is not here \(/.test(name)) absent.add(name);
    if (absent.size === 0) return;
    console.log(
      `\nNot tested, for want of a server:\n${[...absent]
        .sort()
        .map((line) => `  ${line}\n`)
        .join("")}`,
    );
  }
}
