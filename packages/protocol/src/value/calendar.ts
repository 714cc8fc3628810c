const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month of the proleptic Gregorian calendar; month counts from 1. */
function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(?!000000)\d{6})?$/;

/** Whether a text is `YYYY-MM-DD` and that day exists. */
export function isDateText(text: string, firstYear = 1): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return year >= firstYear && day >= 1 && day <= daysInMonth(year, month);
}

/** Whether a text is `HH:MM:SS` with no fraction or six digits of it. */
export function isTimeText(text: string): boolean {
  return TIME.test(text);
}
