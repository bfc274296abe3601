import { ask } from "@/lib/cli/ask";
import { planText } from "@/lib/cli/plan-text";
import { print } from "@/lib/cli/print";
import { waitFor } from "@/lib/cli/wait";
import type { PlanDto, PlanInput } from "@/lib/schemas/plan";
import type { Actor } from "@/lib/schemas/user";
import { startOperation } from "@/lib/services/operations/start";
import { createPlan } from "@/lib/services/plans/create";

export interface RunOptions {
  json?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  reason?: string;
  wait?: boolean;
}

/** Plan, show, ask, run: the same for every kind of operation. `--yes` stands for the typed name. */
export async function runPlan(actor: Actor, input: PlanInput, options: RunOptions): Promise<void> {
  const plan = await createPlan(actor, input);
  const json = options.json ?? false;
  if (options.dryRun) return print(json, plan, () => planText(plan));
  if (!json) process.stdout.write(`${planText(plan)}\n\n`);
  const { operationId } = await startOperation(actor, {
    planId: plan.planId,
    ...(await confirmed(plan, options)),
  });
  if (options.wait) return waitFor(actor, operationId, json);
  print(
    json,
    { operationId, planId: plan.planId },
    () => `Started ${operationId}. Watch it: strata operations ${operationId} --wait`,
  );
}

async function confirmed(plan: PlanDto, options: RunOptions): Promise<{ confirm: string; reason: string }> {
  const { confirm } = plan;
  if (confirm === null) return { confirm: "", reason: options.reason ?? "" };
  const typed = options.yes ? confirm : await ask(`Type ${confirm} to run it: `);
  const reason = options.reason ?? (options.yes ? "" : await ask("Reason, for the audit log: "));
  return { confirm: typed, reason };
}
