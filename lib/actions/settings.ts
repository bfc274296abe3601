"use server";
import { createAction } from "@/lib/actions/create-action";
import { setAllowedHosts as setAllowedHostsService } from "@/lib/services/settings/allowed-hosts";

export const setAllowedHosts = createAction(setAllowedHostsService);
