/** Formatting of dates. */

/** Local time to the second: 2026-11-24T22:41:07. */
export function localTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** An ISO date in local time, to the minute: 2026-11-24 22:41. */
export const localMinute = (iso: string): string => localTime(new Date(iso)).slice(0, 16).replace('T', ' ');
