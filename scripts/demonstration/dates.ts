export const DAY = 86_400_000;

/** The day that lies `days` before (or, if negative, after) a date of the form YYYY-MM-DD. */
export function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10);
}
