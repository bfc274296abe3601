import type { Preset } from "@/lib/datasets/presets/preset";

/** new-api and one-api: one table of usage logs, times in Unix seconds. */
export const newApi: Preset = {
  name: "new-api",
  tables: [
    {
      table: "logs",
      needs: ["id", "user_id", "created_at", "type", "model_name", "quota"],
      time: { column: "created_at", bigintUnit: "s" },
      roles: {
        tenant: "group",
        user: "username",
        status: "type",
        model: "model_name",
        tokens: "completion_tokens",
        text: ["content", "other", "request_id"],
        prompt: "content",
        answer: "other",
      },
      parent: null,
      keepDays: 90,
    },
  ],
};
