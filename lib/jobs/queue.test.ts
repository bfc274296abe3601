import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestControl, testControl } from "@/lib/control/testing";
import { enqueueOperation, OPERATIONS_QUEUE, type OperationJob, queue, stopQueue } from "@/lib/jobs/queue";

let control: TestControl;
beforeAll(async () => {
  control = await testControl();
});
afterAll(async () => {
  await stopQueue();
  await control.drop();
});

it("keeps one waiting job per operation, and takes a new one while the old is worked on", async () => {
  await enqueueOperation("a");
  await enqueueOperation("a");
  await enqueueOperation("b");
  const boss = await queue();
  const first = await boss.fetch<OperationJob>(OPERATIONS_QUEUE, { batchSize: 10 });
  expect(first.map((job) => job.data.operationId).sort()).toEqual(["a", "b"]);
  await enqueueOperation("a");
  const again = await boss.fetch<OperationJob>(OPERATIONS_QUEUE, { batchSize: 10 });
  expect(again.map((job) => job.data.operationId)).toEqual(["a"]);
});
