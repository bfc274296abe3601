import type { Preset } from "@/lib/datasets/presets/preset";

/** The conversation records of an LLM gateway: prompt and answer beside user and model. */
export const gateway: Preset = {
  name: "gateway",
  tables: [
    {
      table: "conversations",
      needs: ["id", "user_id", "model_name", "created_at", "prompt", "answer"],
      time: { column: "created_at", bigintUnit: "s" },
      roles: {
        tenant: null,
        user: "username",
        status: null,
        model: "model_name",
        tokens: "total_tokens",
        text: ["prompt", "answer"],
        prompt: "prompt",
        answer: "answer",
      },
      parent: null,
      keepDays: 30,
    },
  ],
};
