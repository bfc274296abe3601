"use client";
import { useTranslations } from "next-intl";
import { Table, TableFrame, Th } from "@/components/ui/table";
import type { UserDto } from "@/lib/schemas/user";
import { UserRow } from "./user-row";

export function UserTable({ users, myId }: { users: readonly UserDto[]; myId: string }) {
  const t = useTranslations("settings");
  return (
    <TableFrame>
      <Table caption={t("tabs.users")}>
        <thead>
          <tr>
            <Th>{t("name")}</Th>
            <Th>{t("email")}</Th>
            <Th>{t("role")}</Th>
            <Th>{t("lastSeen")}</Th>
            <Th>{t("state")}</Th>
            <Th />
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.userId} user={user} isMe={user.userId === myId} />
          ))}
        </tbody>
      </Table>
    </TableFrame>
  );
}
