"use server";
import { createAction } from "@/lib/actions/create-action";
import { createStore as createStoreService } from "@/lib/services/stores/create";
import { deleteStore as deleteStoreService } from "@/lib/services/stores/delete";
import { enableWrites as enableWritesService } from "@/lib/services/stores/enable-writes";
import { parseUrl as parseUrlService } from "@/lib/services/stores/parse-url";
import { refreshStore as refreshStoreService } from "@/lib/services/stores/refresh";
import { setPrices as setPricesService } from "@/lib/services/stores/set-prices";
import { testStore as testStoreService } from "@/lib/services/stores/test";
import { updateStore as updateStoreService } from "@/lib/services/stores/update";

export const testStore = createAction(testStoreService);
export const createStore = createAction(createStoreService);
export const updateStore = createAction(updateStoreService);
export const enableWrites = createAction(enableWritesService);
export const deleteStore = createAction(deleteStoreService);
export const refreshStore = createAction(refreshStoreService);
export const setPrices = createAction(setPricesService);
export const parseUrl = createAction(parseUrlService);
