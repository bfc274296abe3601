"use server";
import { createAction } from "@/lib/actions/create-action";
import { cancelOperation as cancelOperationService } from "@/lib/services/operations/cancel";
import { pauseOperation as pauseOperationService } from "@/lib/services/operations/pause";
import { resumeOperation as resumeOperationService } from "@/lib/services/operations/resume";
import { seenOperation as seenOperationService } from "@/lib/services/operations/seen";
import { setThrottle as setThrottleService } from "@/lib/services/operations/set-throttle";
import { startOperation as startOperationService } from "@/lib/services/operations/start";

export const startOperation = createAction(startOperationService);
export const pauseOperation = createAction(pauseOperationService);
export const resumeOperation = createAction(resumeOperationService);
export const cancelOperation = createAction(cancelOperationService);
export const setThrottle = createAction(setThrottleService);
export const seenOperation = createAction(seenOperationService);
