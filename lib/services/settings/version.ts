import manifest from "@/package.json" with { type: "json" };

/** The version of this Strata, as package.json says. */
export const VERSION: string = manifest.version;
