// Dates in the calendar of the poll, as surveys/dates does. A value is Gregorian, as exact as was asked for.
// The arithmetic counts days from 0001-01-01, which is day 1.

export const WIDTHS = { day: 10, month: 7, year: 4 };

const floor = Math.floor;
const FIRST = Date.UTC(1970, 0, 1) / 86_400_000 + 719_163; // 1970-01-01 by that count

const iso = (ordinal) => new Date((ordinal - FIRST) * 86_400_000).toISOString().slice(0, 10);
const gregorianDay = (year, month, day) => {
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 86_400_000 + FIRST;
};

const CALENDARS = {
  gregorian: {
    months: 12,
    ordinal: gregorianDay,
    length: (year, month) => gregorianDay(year, month + 1, 1) - gregorianDay(year, month, 1),
    mean: 365.2425,
  },
  ethiopian: {
    months: 13,
    ordinal: (year, month, day) => 2795 + 365 * (year - 1) + floor(year / 4) + 30 * (month - 1) + day,
    length: (year, month) => (month < 13 ? 30 : year % 4 === 3 ? 6 : 5),
    mean: 365.25,
  },
  islamic: {
    months: 12,
    ordinal: (year, month, day) =>
      227_014 + 354 * (year - 1) + floor((3 + 11 * year) / 30) + 29 * (month - 1) + floor(month / 2) + day,
    length: (year, month) => (month % 2 === 1 || (month === 12 && (11 * year + 14) % 30 < 11) ? 30 : 29),
    mean: 354 + 11 / 30,
  },
};

export const monthsOf = (calendar) => CALENDARS[calendar].months;

// The value of what was picked in a calendar, "" where there is no such day. Of a month or a year, its middle counts.
export function value(precision, name, year, month, day) {
  const calendar = CALENDARS[name];
  if (!(year >= 1 && year <= 9999)) return "";
  if (precision === "day") {
    if (!(month >= 1 && month <= calendar.months && day >= 1 && day <= calendar.length(year, month))) return "";
    return iso(calendar.ordinal(year, month, day));
  }
  if (precision === "month" && !(month >= 1 && month <= calendar.months)) return "";
  const isMonth = precision === "month";
  const length = isMonth ? calendar.length(year, month) : floor(calendar.mean);
  return iso(calendar.ordinal(year, isMonth ? month : 1, 1) + floor(length / 2)).slice(0, WIDTHS[precision]);
}

// Year, month and day of a Gregorian date in a calendar.
export function parts(name, year, month, day) {
  const calendar = CALENDARS[name];
  const ordinal = Math.max(gregorianDay(year, month, day), calendar.ordinal(1, 1, 1));
  let found = Math.max(1, floor((ordinal - calendar.ordinal(1, 1, 1)) / calendar.mean));
  while (calendar.ordinal(found + 1, 1, 1) <= ordinal) found += 1;
  let at = calendar.months;
  while (calendar.ordinal(found, at, 1) > ordinal) at -= 1;
  return [found, at, ordinal - calendar.ordinal(found, at, 1) + 1];
}

// A value as people write it: "3 May 2024", "May 2024", "2024".
export function written(text, calendar, months) {
  const said = text.split("-").map(Number);
  const rest = calendar === "gregorian" ? [1, 1] : [3, 22].slice(said.length - 1);
  const [year, month, day] = parts(calendar, ...[...said, ...rest].slice(0, 3));
  return [String(day), months[month - 1], String(year)].slice(3 - said.length).join(" ");
}

// Whether a value lies within the bounds, compared as far as both are exact.
export function fits(text, low, high) {
  const [first, last] = [low.slice(0, text.length), high.slice(0, text.length)];
  return text.slice(0, first.length) >= first && (!last || text.slice(0, last.length) <= last);
}
