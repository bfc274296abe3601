"use client";
import { Ellipsis } from "lucide-react";
import {
  type ComponentType,
  cloneElement,
  type MouseEventHandler,
  type ReactElement,
  type ReactNode,
  useState,
} from "react";
import { Button } from "./button";

export interface MenuEntry {
  key: string;
  label: ReactNode;
  icon?: ReactNode;
  /** Where it leads; else `onSelect` runs. */
  href?: string;
  onSelect?: () => void;
  tone?: "danger";
  disabled?: boolean;
  /** A second line: why it is disabled, or what it will do. */
  hint?: ReactNode;
  checked?: boolean;
}

export interface MenuPopupProps {
  trigger: ReactElement<TriggerProps>;
  entries: readonly MenuEntry[];
  align: "start" | "end";
}

interface TriggerProps {
  onClick?: MouseEventHandler;
  onPointerEnter?: () => void;
  onFocus?: () => void;
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
}

const load = () => import("./menu-popup").then((module) => module.MenuPopup);

/** Further actions behind one button. `label` names the default button; a trigger of your own has its own words. */
export function Menu({
  label,
  trigger = <DotsButton label={label} />,
  entries,
  align = "end",
}: {
  label: string;
  /** Default: a button with three dots. */
  trigger?: ReactElement<TriggerProps>;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
}) {
  // A third of a page's scripts would be this popup: it comes when the pointer or the focus nears the button.
  const [Popup, setPopup] = useState<ComponentType<MenuPopupProps> | null>(null);
  if (Popup) return <Popup trigger={trigger} entries={entries} align={align} />;
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
    onClick: () => void load().then((loaded) => setPopup(() => loaded)),
  });
}

function DotsButton({ label, ...rest }: { label: string } & TriggerProps) {
  return (
    <Button
      {...rest}
      aria-label={label}
      title={label}
      className="w-8 !px-0 max-sm:w-10"
      icon={<Ellipsis aria-hidden size={16} />}
    />
  );
}
