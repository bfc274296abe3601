"use server";
import { createAction } from "@/lib/actions/create-action";
import { createDataset as createDatasetService } from "@/lib/services/datasets/create";
import { createFamily as createFamilyService } from "@/lib/services/datasets/create-family";
import { removeDataset as removeDatasetService } from "@/lib/services/datasets/remove";
import { updateDataset as updateDatasetService } from "@/lib/services/datasets/update";

export const createDataset = createAction(createDatasetService);
export const createFamily = createAction(createFamilyService);
export const updateDataset = createAction(updateDatasetService);
export const removeDataset = createAction(removeDatasetService);
