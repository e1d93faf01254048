import { isIPv6 } from "node:net";

/** What limits count by: whoever holds an IPv6 address holds its whole /64. */
export const network = (address: string): string => {
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [left = "", right] = address.split("::");
  const head = left.split(":").filter(Boolean);
  const tail = (right ?? "").split(":").filter(Boolean);
  const groups = right === undefined ? head : [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0"), ...tail];
  return groups.slice(0, 4).join(":");
};
