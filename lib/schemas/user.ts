import { z } from "zod";

export const ROLES = ["viewer", "operator", "admin"] as const;
/** viewer looks, operator acts on data, admin also on stores and users. Each can do what the one before can. */
export type Role = (typeof ROLES)[number];

/** Whoever acts: a signed-in user, the command line (`cli:<user>`) or Strata itself. */
export interface Actor {
  /** Null for an actor without an account. */
  userId: string | null;
  name: string;
  role: Role;
}

export interface UserDto {
  userId: string;
  name: string;
  email: string;
  role: Role;
  /** ISO; null while the account is in use. */
  disabledAt: string | null;
  createdAt: string;
  lastSeenAt: string | null;
}

export interface MeDto extends UserDto {
  /** What this role may do, so that a screen can say why a button is off. */
  can: { operate: boolean; administer: boolean };
}

const name = z.string().trim().min(1).max(100);
const email = z.email().max(200);
const password = z.string().min(10).max(200);

/** The first administrator, with the one-time token that the terminal printed. */
export const setUpSchema = z.object({ token: z.string().trim().min(1).max(200), name, email, password });
export const createUserSchema = z.object({ name, email, role: z.enum(ROLES), password });
export const setRoleSchema = z.object({ userId: z.string().min(1), role: z.enum(ROLES) });
export const disableUserSchema = z.object({ userId: z.string().min(1), disabled: z.boolean() });
export const resetPasswordSchema = z.object({ userId: z.string().min(1), password });
export const changePasswordSchema = z.object({ currentPassword: z.string().min(1).max(200), password });
export const updateMeSchema = z.object({ name });

export type SetUpInput = z.infer<typeof setUpSchema>;
export type CreateUserInput = z.infer<typeof createUserSchema>;
export type SetRoleInput = z.infer<typeof setRoleSchema>;
export type DisableUserInput = z.infer<typeof disableUserSchema>;
export type ResetPasswordInput = z.infer<typeof resetPasswordSchema>;
export type ChangePasswordInput = z.infer<typeof changePasswordSchema>;
export type UpdateMeInput = z.infer<typeof updateMeSchema>;
