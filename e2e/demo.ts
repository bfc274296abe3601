import { startStack } from "./stack";

/** What the stories know of the demo that the global set-up started. */
export interface Demo {
  address: string;
  dataDir: string;
  pid: number;
  email: string;
  password: string;
  /** From the start of the command to the printed address. */
  readyMs: number;
}

const NAMES = {
  address: "STRATA_E2E_ADDRESS",
  dataDir: "STRATA_E2E_DATA",
  pid: "STRATA_E2E_PID",
  email: "STRATA_E2E_EMAIL",
  password: "STRATA_E2E_PASSWORD",
  readyMs: "STRATA_E2E_READY_MS",
} as const;

const SIGN_IN = /Sign in as (\S+) .*password (\S+)/;

/** Starts the demo, or takes the one that STRATA_E2E_ADDRESS and the other variables name. Returns how to end it. */
export async function startDemo(): Promise<() => Promise<void>> {
  if (process.env[NAMES.address]) return async () => {};
  const startedAt = Date.now();
  const stack = await startStack({ demo: true, readyMs: 420_000 });
  const [, email = "", password = ""] = SIGN_IN.exec(stack.output()) ?? [];
  const found: Demo = { ...stack, email, password, readyMs: Date.now() - startedAt };
  for (const [key, name] of Object.entries(NAMES)) process.env[name] = String(found[key as keyof Demo]);
  return () => stack.stop();
}

/** The running demo, in any process of the test run. */
export function demo(): Demo {
  const text = (key: keyof typeof NAMES): string => {
    const value = process.env[NAMES[key]];
    if (value === undefined) throw new Error(`${NAMES[key]} is not set: the global set-up did not run`);
    return value;
  };
  return {
    address: text("address"),
    dataDir: text("dataDir"),
    pid: Number(text("pid")),
    email: text("email"),
    password: text("password"),
    readyMs: Number(text("readyMs")),
  };
}
