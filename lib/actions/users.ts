"use server";
import { createAction } from "@/lib/actions/create-action";
import { changePassword as changePasswordService } from "@/lib/services/users/change-password";
import { createUser as createUserService } from "@/lib/services/users/create";
import { disableUser as disableUserService } from "@/lib/services/users/disable";
import { updateMe as updateMeService } from "@/lib/services/users/me";
import { resetPassword as resetPasswordService } from "@/lib/services/users/reset-password";
import { setRole as setRoleService } from "@/lib/services/users/set-role";

export const createUser = createAction(createUserService);
export const setRole = createAction(setRoleService);
export const disableUser = createAction(disableUserService);
export const resetPassword = createAction(resetPasswordService);
export const changePassword = createAction(changePasswordService);
export const updateMe = createAction(updateMeService);
