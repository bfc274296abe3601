"use server";
import { createAction } from "@/lib/actions/create-action";
import { compareCatalogue as compareCatalogueService } from "@/lib/services/catalogue/compare";
import { rebuildCatalogue as rebuildCatalogueService } from "@/lib/services/catalogue/rebuild";

export const compareCatalogue = createAction(compareCatalogueService);
export const rebuildCatalogue = createAction(rebuildCatalogueService);
