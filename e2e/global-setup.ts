import { startDemo } from "./demo";

/** One demo for all stories; ended, with every process it started, when they are over. */
export default async function setUp(): Promise<() => Promise<void>> {
  return startDemo();
}
