/**
 * A text as XML character data or attribute value: the five special characters escaped, and what XML 1.0 cannot hold at all (control
 * characters but tab and line ends, lone surrogates, the two non-characters) left out.
 */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]|\p{Cs}/gu, "")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}
