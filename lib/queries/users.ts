import { queryOptions } from "@tanstack/react-query";
import { fetchJson } from "@/lib/queries/fetch-json";
import type { SettingsDto } from "@/lib/schemas/settings";
import type { MeDto, UserDto } from "@/lib/schemas/user";

export const userQueries = {
  all: ["users"] as const,
  list: () =>
    queryOptions({
      queryKey: [...userQueries.all, "list"],
      queryFn: ({ signal }) => fetchJson<UserDto[]>("/api/users", signal),
    }),
  me: () =>
    queryOptions({
      queryKey: [...userQueries.all, "me"],
      queryFn: ({ signal }) => fetchJson<MeDto>("/api/users/me", signal),
    }),
};

export const settingsQueries = {
  all: ["settings"] as const,
  get: () =>
    queryOptions({
      queryKey: [...settingsQueries.all, "get"],
      queryFn: ({ signal }) => fetchJson<SettingsDto>("/api/settings", signal),
    }),
};
