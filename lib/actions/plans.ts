"use server";
import { createAction } from "@/lib/actions/create-action";
import { createPlan as createPlanService } from "@/lib/services/plans/create";

export const createPlan = createAction(createPlanService);
